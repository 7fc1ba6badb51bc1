using System.Runtime;
using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// A stub's life. The first process that the VM process starts is the template: it maps what all stubs need, then forks them (<see
/// cref="Pool"/>). All are children of the VM process, and die with it. Safe: before the guest runs, nothing else writes what is read here.
/// </summary>
internal static unsafe class Stub
{
    private const int DeathSignal = 1, NoNewPrivileges = 38, KillSignal = 9; // PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS

    /// <summary>From _start. The VM process has opened files 3 and 4 (<see cref="Layout"/>).</summary>
    [RuntimeExport("lily_main")]
    public static void Main(long* stack)
    {
        StubSpace.Enter(stack);
        Map(Layout.MachineFile, Layout.MachineFileSize, Layout.MachineFileDescriptor);
        SetUp.Begin(&This.Machine->TemplateCall);
        SetUp.Call(StubCall.Close, Layout.ImageFile);
        This.Initialize();
        DieWithParent();
        Machine* machine = This.Machine;
        Vcpu* cpu = This.Vcpu;
        ulong page = Layout.MachineFile + (VmArea.Vcpu - VmArea.Base);
        Exchange.Begin(cpu, &machine->Start, &machine->Cpuid, (byte*)Layout.Ram, machine->RamEnd, (VcpuPage*)page);
        StubSpace.Prepare(cpu);
        Signals.Initialize();
        StubSpace.Try();
        if (This.Machine->HostCpu != Layout.AnyCpu)
            Pin(This.Machine->HostCpu);
        SetUp.End();
        Pool.Serve();

        // From here on in a new stub.
        SetUp.Begin(&This.Slot(This.Index)->Call);
        This.Slot(This.Index)->Process = (uint)SetUp.Call(StubCall.Getpid); // the template may not have come to it yet
        DieWithParent();
        StubSpace.Begin();
        Time.Initialize();
        SyscallFilter.Install();
        SetUp.End();
        Baton.WaitForFirst();
        Run.Settle(cpu);
        Native.Resume();
    }

    // A parent that is gone already sends no signal any more.
    private static void DieWithParent()
    {
        SetUp.Call(StubCall.Prctl, DeathSignal, KillSignal);
        SetUp.Call(StubCall.Prctl, NoNewPrivileges, 1);
        if ((uint)SetUp.Call(StubCall.Getppid) != This.Machine->VmProcess)
            Host.Leave(1);
    }

    /// <summary>Maps a whole file of the VM process's.</summary>
    public static void Map(ulong address, ulong size, int file) =>
        Require(Host.Call(Host.Mmap, address, size, Host.ReadWrite, Host.Shared | Host.Fixed, (ulong)file), address);

    /// <summary>Gives this stub memory of its own.</summary>
    public static void MapPrivate(ulong address, ulong size) =>
        Require(Host.Call(Host.Mmap, address, size, Host.ReadWrite, Host.Nothing, ulong.MaxValue), address);

    /// <summary>A mapping must have succeeded.</summary>
    public static void Require(nint result, ulong address)
    {
        if ((ulong)result != address)
            Host.Leave(-(int)result);
    }

    /// <summary>Has this process run on one CPU. Before the first signal.</summary>
    public static void Pin(uint cpu)
    {
        const uint MaskBytes = 128;
        byte* mask = (byte*)Native.Address(AssemblyAddress.SignalStack); // zeros, and no signal has come yet
        mask[cpu >> 3] = (byte)(1 << (int)(cpu & 7));
        SetUp.Try(StubCall.SchedSetaffinity, 0, MaskBytes, (ulong)mask);
        mask[cpu >> 3] = 0;
    }
}
