using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// The one virtual processor of an x86-64 guest, as its engine sees it while the guest does not run. It lies in the private pages of the VM
/// area, where the VM library's deprivileged image finds the first fields by absolute address. What converted code reads without a call
/// lies in <see cref="Page"/>. The guest can write both, so nothing here may be trusted with more than the guest itself.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Vcpu
{
    /// <summary>
    /// General registers in the order of their numbers (SDM vol. 2, table 2-4), so that <c>(&amp;Ax)[number]</c> names one.
    /// </summary>
    public ulong Ax, Cx, Dx, Bx, Sp, Bp, Si, Di, R8, R9, R10, R11, R12, R13, R14, R15;

    /// <summary>Where the guest goes on.</summary>
    public ulong Ip;

    /// <summary>RFLAGS as the CPU holds them while the guest runs: status flags, DF, TF, AC, ID.</summary>
    public ulong Flags;

    /// <summary>Current privilege level as the guest believes it to be, 0 to 3.</summary>
    public ulong Cpl;

    /// <summary>
    /// Not zero: the library must not return to a program by itself, because its engine has something to do first.
    /// </summary>
    public ulong Work;

    /// <summary>
    /// Where the library puts RAX or RCX, RSP, flags, or the page of a patched call, for some instructions in which it has no other place.
    /// </summary>
    public ulong Scratch, ScratchStack, ScratchFlags, ScratchPage;

    /// <summary>Where the library enters its engine, and the stack to do it with.</summary>
    public ulong EngineEntry, EngineStack;

    /// <summary>
    /// Where a program's SYSCALL leads if it needs no engine: IA32_LSTAR, with selectors and a flag mask that the library knows. Else 0.
    /// </summary>
    public ulong SystemCallTarget;

    /// <summary>The highest address of a program that the library may return to by itself; 0: none.</summary>
    public ulong ProgramEnd;

    /// <summary>
    /// What CPUID returns to programs from patched places: EAX, EBX, ECX and EDX of the entries of <c>Machine.ProgramCpuid</c>, by their
    /// numbers.
    /// </summary>
    public fixed uint Identification[CpuidTable.Capacity * 4];

    /// <summary>Counted by the library: system calls without the engine.</summary>
    public ulong QuickSystemCalls;

    /// <summary>The flags of RFLAGS that exist only virtually: IOPL, NT and RF.</summary>
    public ulong VirtualFlags;

    /// <summary>Control registers; the copies in <see cref="Page"/> are for reading by converted code only.</summary>
    public ulong Cr0, Cr3, Cr4;

    /// <summary>IA32_EFER.</summary>
    public ulong Efer;

    /// <summary>IA32_STAR, IA32_LSTAR, IA32_CSTAR, IA32_FMASK.</summary>
    public ulong Star, Lstar, Cstar, FlagMask;

    /// <summary>
    /// Bases of FS and GS, and IA32_KERNEL_GS_BASE. Which of the last two is the current GS base is told by <see cref="VcpuPage.Swapped"/>.
    /// </summary>
    public ulong FsBase, GsBase, KernelGsBase;

    /// <summary>IA32_TSC_AUX.</summary>
    public ulong TscAux;

    /// <summary>The GDT: linear base and limit. That of the IDT is in <see cref="Page"/>.</summary>
    public ulong GdtBase, GdtLimit;

    /// <summary>LDTR: selector, linear base and limit.</summary>
    public ulong Ldtr, LdtBase, LdtLimit;

    /// <summary>TR: selector, linear base and limit.</summary>
    public ulong Tr, TssBase, TssLimit;

    /// <summary>The extended control register 0 as the guest set it (XSETBV).</summary>
    public ulong Xcr0;

    /// <summary>Model-specific registers that keep what is written: what differs from their first values.</summary>
    public fixed ulong KeptMsrs[Emulation.MsrTable.KeptCount];

    /// <summary>Model-specific registers that were asked for and are not there.</summary>
    public UnknownMsrs UnknownMsrs;

    /// <summary>Why the last operation that returned false failed.</summary>
    public Fault Fault;

    /// <summary>
    /// The port or device access of <see cref="Outcome.PortAccess"/> and <see cref="Outcome.DeviceAccess"/>.
    /// </summary>
    public Access Access;

    /// <summary>With <see cref="Outcome.FlushPage"/>: the address to forget.</summary>
    public ulong FlushedAddress;

    /// <summary>With <see cref="Outcome.Shutdown"/>: why.</summary>
    public ShutdownReason Shutdown;

    /// <summary>
    /// The exceptions of the last delivery that met others; with <see cref="ShutdownReason.TripleFault"/>, those that led to it.
    /// </summary>
    public FaultChain Faults;

    /// <summary>Guest RAM as this engine sees it; guest physical address 0 is its first byte.</summary>
    public byte* Ram;

    /// <summary>Where guest RAM ends, a multiple of 4 KiB; below lies a hole (<see cref="PhysicalMemory.IsRam"/>).</summary>
    public ulong RamEnd;

    /// <summary>The page at <see cref="VmArea.Vcpu"/> as this engine sees it. Nothing in it may be trusted.</summary>
    public VcpuPage* Page;

    /// <summary>Translations that <see cref="Mmu.GuestMemory"/> remembers.</summary>
    public Mmu.SoftwareTlb Tlb;

    /// <summary>What CPUID tells the guest.</summary>
    public CpuidTable Cpuid;
}
