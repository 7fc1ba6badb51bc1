using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Shared.User;

/// <summary>
/// What the stubs of one VM and its VM process share, in one memfd behind the VM area (<see cref="Layout"/>). All parts but those named
/// as written by the VM process belong to the stub that holds the baton (<see cref="HolderProcess"/>), which hands them over by futex, so
/// no other order is needed.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Machine
{
    /// <summary>Stubs per VM.</summary>
    public const int MaxStubs = 64;

    /// <summary>
    /// Kernel addresses that stubs remember to forget; a power of two. A stub that is further behind looks at all it has mapped.
    /// </summary>
    public const int KernelLogCapacity = 256;

    /// <summary>
    /// Set by the VM process before the start: the first registers, where guest RAM ends, and what CPUID tells the guest.
    /// </summary>
    public GuestRegisters Start;

    /// <summary>See <see cref="Start"/>.</summary>
    public ulong RamEnd;

    /// <summary>See <see cref="Start"/>.</summary>
    public CpuidTable Cpuid;

    /// <summary>
    /// Set by the VM process before the start, for x86-64 guests: what CPUID returns to programs, which it is not hidden from.
    /// </summary>
    public CpuidTable ProgramCpuid;

    /// <summary>8259 pair and 8254.</summary>
    public InterruptUnit Interrupts;

    /// <summary>Set by the VM process before the start: nanoseconds are (TSC - origin) * multiplier / 2^32.</summary>
    public ulong TscOrigin, TscMultiplier;

    /// <summary>Set by the VM process: state components that XSAVE saves here, 0 if only FXSAVE is there.</summary>
    public ulong FpuComponents;

    /// <summary>
    /// Set by the VM process, for x86-64 guests: how many pages around a touched one may be mapped with it (a power of two); whether
    /// taking rights from single pages is dear on this host; whether its kernel keeps what WRFSBASE writes.
    /// </summary>
    public uint MapAround, ChangesAreDear, HasBaseInstructions;

    /// <summary>Set by the VM process, for x86-64 guests.</summary>
    public RamGrowth RamGrowth;

    /// <summary>Set by the VM process, for x86-64 guests: whether protection keys keep programs from their kernel.</summary>
    public uint UsesKeys;

    /// <summary>
    /// Set by the VM process, for x86-64 guests: whether programs run in processes of their own; if so, what those processes' filters
    /// want to see, the CPU they run on or <see cref="Layout.AnyCpu"/>, and how often either side looks for its turn before it sleeps.
    /// </summary>
    public uint ProgramsAreApart, ProgramSecret, ProgramCpu, ProgramLooks;

    /// <summary>Set by the VM process: process id of itself, which stubs must not outlive.</summary>
    public uint VmProcess;

    /// <summary>Set by the VM process: the CPU that all stubs run on, or <see cref="Layout.AnyCpu"/>.</summary>
    public uint HostCpu;

    /// <summary>Set by the VM process: process id of the template.</summary>
    public uint TemplateProcess;

    /// <summary>What the template calls to set itself up.</summary>
    public StubCall TemplateCall;

    /// <summary>Process id of the stub that runs the guest: it holds the baton. Signals of the VM process go to it.</summary>
    public uint HolderProcess;

    /// <summary>Counts what the VM process should look at; it waits on this (futex).</summary>
    public uint Doorbell;

    /// <summary>Not zero while the VM process waits on <see cref="Doorbell"/>.</summary>
    public uint VmProcessWaits;

    /// <summary>1 from an exit until the VM process has answered it (futex).</summary>
    public uint ExitPending;

    /// <summary>Why.</summary>
    public StubExit ExitReason;

    /// <summary>The exit's details, and the answer of the VM process.</summary>
    public ExitRecord Exit;

    /// <summary>Details of <see cref="StubExit.Failed"/>.</summary>
    public uint FailureCode;

    /// <summary>Details of <see cref="StubExit.Failed"/>: address and instruction pointer.</summary>
    public ulong FailureAddress, FailureIp;

    /// <summary>Set by the VM process: not zero asks for an exit.</summary>
    public uint StopRequested;

    /// <summary>1 while the guest waits in HLT (futex); whoever raises an interrupt clears it and wakes.</summary>
    public uint Halted;

    /// <summary>The VM process's interrupt lines.</summary>
    public InterruptLines Lines;

    /// <summary>When some stub's timer rings, in nanoseconds; 0 if none will for sure.</summary>
    public ulong ArmedDeadline;

    /// <summary>Set by a stub whose timer rang while another one holds the baton; the VM process signals that one.</summary>
    public uint KickRequested;

    /// <summary>Whether the interrupt controllers ask the CPU for an interrupt, as of the last look at them.</summary>
    public uint InterruptWaits;

    /// <summary>How many stubs exist; who wants another one waits on this (futex).</summary>
    public uint StubCount;

    /// <summary>How many stubs were taken into use: the template keeps some more ready.</summary>
    public uint StubRequest;

    /// <summary>Raised when the template should look at what changed (futex).</summary>
    public uint TemplateBell;

    /// <summary>Counts address-space switches, to find the stub that was not used for longest.</summary>
    public ulong Clock;

    /// <summary>Number of entries ever written to the kernel log.</summary>
    public uint KernelLogEnd;

    /// <summary>Writes on their way to the VM process.</summary>
    public PostedWrites Posted;

    /// <summary>
    /// Writes that a stub tells a device's back end of itself, by <see cref="Layout.FirstEventFile"/> and the files behind.
    /// </summary>
    public EventWrites Events;

    /// <summary>The stubs.</summary>
    public fixed ulong StubSlots[MaxStubs * StubSlot.Words];

    /// <summary>Page addresses; 1 stands for all.</summary>
    public fixed ulong KernelLog[KernelLogCapacity];

    /// <summary>What is counted, see <see cref="Counter"/>.</summary>
    public fixed ulong Counters[(int)Counter.Count];
}

/// <summary>One stub: a process that holds the mappings of one guest address space.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StubSlot
{
    /// <summary>Size in units of 8 bytes.</summary>
    public const int Words = 4;

    /// <summary>Process id.</summary>
    public uint Process;

    /// <summary>1: this stub holds the baton (futex).</summary>
    public uint Go;

    /// <summary>Page directory of its address space; <see cref="NoDirectory"/> while it is ready for any.</summary>
    public ulong Directory;

    /// <summary>What it calls to set itself up.</summary>
    public StubCall Call;

    /// <summary>Process id of its programs, where they have a process of their own.</summary>
    public uint Programs;

    /// <summary><see cref="Machine.Clock"/> when it last got the baton.</summary>
    public ulong LastUse;

    /// <summary>Exit status of a stub whose call was answered by a signal; no error has this number.</summary>
    public const int Signalled = 255;

    /// <summary>No page directory has this address.</summary>
    public const ulong NoDirectory = 1;
}

/// <summary>Why a stub asks for the VM process.</summary>
internal enum StubExit : uint
{
    /// <summary>Port access in <see cref="Machine.Exit"/>.</summary>
    Port,

    /// <summary>Device access in <see cref="Machine.Exit"/>.</summary>
    Device,

    /// <summary>The guest ended; <see cref="Machine.Exit"/> says why.</summary>
    Shutdown,

    /// <summary>The VM process asked for it.</summary>
    Stopped,

    /// <summary>The stub cannot go on, see <see cref="Machine.FailureCode"/>.</summary>
    Failed,
}
