using System.Runtime.InteropServices;
using LilyVM.Abi;

namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// The one virtual processor, as its engine sees it while the guest does not run. Lives in memory that all processes of an engine share.
/// What the VM library must see without asking (interrupt flag, selectors, table bases, CR2) lies in <see cref="Page"/>, where the guest
/// can write too.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Vcpu
{
    /// <summary>
    /// General registers in the order of their numbers (SDM vol. 2, 2.1.5), so that <c>(&amp;Ax)[number]</c> names one. Names without E or
    /// R are both architectures'.
    /// </summary>
    public uint Ax, Cx, Dx, Bx, Sp, Bp, Si, Di;

    /// <summary>Where the guest goes on.</summary>
    public uint Ip;

    /// <summary>
    /// EFLAGS as the CPU holds them while the guest runs: status flags, DF, TF, AC, ID. The interrupt flag is in <see cref="Page"/>.
    /// </summary>
    public uint Flags;

    /// <summary>The flags of EFLAGS that exist only virtually: IOPL, NT and RF.</summary>
    public uint VirtualFlags;

    /// <summary>Current privilege level as the guest believes it to be, 0 to 3.</summary>
    public uint Cpl;

    /// <summary>Control registers; the copies in <see cref="Page"/> are for reading by the VM library only.</summary>
    public uint Cr0, Cr3, Cr4;

    /// <summary>Debug registers 0 to 7 (4 and 5 unused).</summary>
    public fixed uint Dr[8];

    /// <summary>
    /// How many of the GDT's descriptors programs run with copies of, which lie at the same places of an LDT, as in the user engine:
    /// selectors that a program read from its own registers (0x77 for 0x73) then mean the GDT, as long as the guest has no LDT.
    /// </summary>
    public uint CopiesInLdt;

    /// <summary>Hidden part of LDTR: linear base and limit of the guest's LDT. Its selector is in <see cref="Page"/>.</summary>
    public uint LdtBase, LdtLimit;

    /// <summary>Hidden part of TR: linear base and limit of the guest's TSS. Its selector is in <see cref="Page"/>.</summary>
    public uint TssBase, TssLimit;

    /// <summary>The extended control register 0 as the guest set it (XSETBV).</summary>
    public ulong Xcr0;

    /// <summary>Model-specific registers that keep what is written: what differs from their first values.</summary>
    public fixed ulong KeptMsrs[Emulation.MsrTable.KeptCount];

    /// <summary>Model-specific registers that were asked for and are not there.</summary>
    public UnknownMsrs UnknownMsrs;

    /// <summary>Why the last operation that returned false failed.</summary>
    public Fault Fault;

    /// <summary>The port or device access of <see cref="Outcome.PortAccess"/> and <see cref="Outcome.DeviceAccess"/>.</summary>
    public Access Access;

    /// <summary>With <see cref="Outcome.FlushPage"/>: the address to forget.</summary>
    public uint FlushedAddress;

    /// <summary>With <see cref="Outcome.Shutdown"/>: why.</summary>
    public ShutdownReason Shutdown;

    /// <summary>
    /// The exceptions of the last delivery that met others; with <see cref="ShutdownReason.TripleFault"/>, those that led to it.
    /// </summary>
    public FaultChain Faults;

    /// <summary>
    /// A bit for each segment register, by its number, that the core loaded, be it with what it held: an engine loads the real one then.
    /// Not for CS, nor for the SS of an inner level.
    /// </summary>
    public uint SegmentsChanged;

    /// <summary>Guest RAM as this engine sees it; guest physical address 0 is its first byte.</summary>
    public byte* Ram;

    /// <summary>Where guest RAM ends, a multiple of 4 KiB, at most <see cref="RamHole.Start"/>.</summary>
    public uint RamEnd;

    /// <summary>The page at <see cref="VmArea.Vcpu"/> as this engine sees it. Nothing in it may be trusted.</summary>
    public VcpuPage* Page;

    /// <summary>Translations that <see cref="Mmu.GuestMemory"/> remembers.</summary>
    public Mmu.SoftwareTlb Tlb;

    /// <summary>How programs entered their kernel last.</summary>
    public ProgramEntry Entry;

    /// <summary>What CPUID tells the guest.</summary>
    public CpuidTable Cpuid;
}
