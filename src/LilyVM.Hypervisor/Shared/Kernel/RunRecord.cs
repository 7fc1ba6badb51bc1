using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Shared.Kernel;

/// <summary>
/// What the kernel hypervisor and the VM process share. The VM process may write anything at any time: the hypervisor reads each value
/// once, and none can make it do more than disturb this guest.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct RunRecord
{
    /// <summary>Set by the VM process before the first run: registers of the first instruction.</summary>
    public GuestRegisters Start;

    /// <summary>Set by the VM process before the first run.</summary>
    public MmuPolicy Mmu;

    /// <summary>Set by the VM process before the first run.</summary>
    public FpuPolicy Fpu;

    /// <summary>Not zero asks for an exit (<see cref="KernelExit.Stopped"/>).</summary>
    public uint StopRequested;

    /// <summary>Set by the VM process before the first run: nanoseconds are (TSC - origin) * multiplier / 2^32.</summary>
    public ulong TscOrigin, TscMultiplier;

    /// <summary>The VM process's interrupt lines.</summary>
    public InterruptLines Lines;

    /// <summary>Why the last run ended.</summary>
    public KernelExit ExitReason;

    /// <summary>The exit's details, and the answer of the VM process.</summary>
    public ExitRecord Exit;

    /// <summary>With <see cref="KernelExit.Failed"/>.</summary>
    public KernelFailure Failure;

    /// <summary>With <see cref="KernelExit.Failed"/>: vector, and page that could not be had.</summary>
    public uint FailureDetail;

    /// <summary>With <see cref="KernelExit.Failed"/>: address and instruction pointer.</summary>
    public ulong FailureAddress, FailureIp;

    /// <summary>Writes on their way to the VM process.</summary>
    public PostedWrites Posted;

    /// <summary>What is counted, see <see cref="KernelCounter"/>.</summary>
    public fixed ulong Counters[(int)KernelCounter.Count];

    /// <summary>Set by the VM process before the first run: what CPUID tells the guest.</summary>
    public CpuidTable Cpuid;
}

/// <summary>Why the hypervisor returned to the VM process.</summary>
internal enum KernelExit : uint
{
    /// <summary>It did not: a signal of the host interrupted the run.</summary>
    None,

    /// <summary>A port access.</summary>
    Port,

    /// <summary>An access to a guest physical address that is not RAM.</summary>
    Device,

    /// <summary>Posted writes wait, and the guest has nothing to do.</summary>
    Posted,

    /// <summary>The guest ended.</summary>
    Shutdown,

    /// <summary>The VM process asked for it.</summary>
    Stopped,

    /// <summary>The hypervisor cannot go on.</summary>
    Failed,
}

/// <summary>Why the hypervisor cannot go on; the VM process has a sentence for each.</summary>
internal enum KernelFailure : uint
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>An exception in the hypervisor's own code: a bug.</summary>
    OwnFault,

    /// <summary>The host has no page for guest RAM.</summary>
    NoGuestPage,

    /// <summary>The host gives no memory for page tables.</summary>
    NoPoolPage,
}

/// <summary>How shadow page tables follow the guest's.</summary>
internal enum MmuPolicy : uint
{
    /// <summary>
    /// Tables are cached for each CR3; the guest's are write-protected, let go at the first write and compared at the next flush.
    /// </summary>
    Sync,

    /// <summary>A flush empties everything but what is global; entries come back as they are used.</summary>
    Lazy,

    /// <summary>A flush compares every entry of the address space with the guest's tables.</summary>
    Scan,
}

/// <summary>When the guest's FPU state is loaded.</summary>
internal enum FpuPolicy : uint
{
    /// <summary>At the first FPU instruction after an entry.</summary>
    Lazy,

    /// <summary>At each entry.</summary>
    Eager,
}
