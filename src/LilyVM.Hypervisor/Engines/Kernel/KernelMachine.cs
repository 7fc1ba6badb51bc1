using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>
/// The kernel hypervisor's own state of one machine, at <see cref="KernelLayout.Machine"/>. Nobody else can read or write it.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KernelMachine
{
    /// <summary>The virtual CPU; first, so that assembly finds it at the structure's address.</summary>
    public Vcpu Vcpu;

    /// <summary>What the CPU is to have when the guest goes on: selectors with the real privilege level, flags with IF.</summary>
    public ulong RealCs, RealSs, RealFlags;

    /// <summary>Not zero: something is to be done before the guest goes on.</summary>
    public uint Attention;

    /// <summary>
    /// For system calls and page faults of programs in assembly: selectors that the guest's gate and TSS must name, which were checked when
    /// an event was last delivered by the core; 0: it has to do it (again).
    /// </summary>
    public uint FastCode, FastStack;

    /// <summary>
    /// The middle of a gate of privilege level 3 to <see cref="FastCode"/>: its selector and, above that, type and rights.
    /// </summary>
    public uint FastGate;

    private uint reserved;

    /// <summary>Whether the interrupt controllers ask the CPU for an interrupt.</summary>
    public uint InterruptWaits;

    /// <summary>Interrupts, exits or time passed in the host: the inputs are to be looked at.</summary>
    public uint LookAtInputs;

    /// <summary>When the host's timer will ring, in nanoseconds; 0 if it will not.</summary>
    public ulong ArmedDeadline;

    /// <summary>8259 pair and 8254.</summary>
    public InterruptUnit Interrupts;

    /// <summary>The shadow page tables.</summary>
    public ShadowMmu Mmu;

    /// <summary>A bit for each entry of the GDT beyond the first that was copied: GuestTables.</summary>
    public fixed ulong HigherEntries[8192 / 64];

    /// <summary>What HiddenParts wrote over in the jump table of the VM library: ten entries read each of four registers.</summary>
    public fixed uint LibraryCode[4 * 10];

    /// <summary>For each page of the pool: <see cref="ShadowTable"/>.</summary>
    public fixed ulong Tables[(int)KernelLayout.MaxPoolPages * ShadowTable.Size];
}
