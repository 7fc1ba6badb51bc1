using System.Runtime;
using LilyVM.Abi;
using LilyVM.Hypervisor.Engines.Common;
using LilyVM.Hypervisor.Guest;
using LilyVM.Hypervisor.Shared.User;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// A stub's life. The first process that the VM process starts is the template: it maps what all stubs need, then forks them (<see cref="Pool"/>). All
/// are children of the VM process, and die with it.
/// </summary>
internal static unsafe class Stub
{
    private const int DeathSignal = 1, NoNewPrivileges = 38, KillSignal = 9; // PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS

    /// <summary>From _start. The VM process has opened files 3 and 4 (<see cref="Layout"/>).</summary>
    [RuntimeExport("lily_main")]
    public static void Main(long* stack)
    {
        Map(Layout.MachineFile, Layout.MachineFileSize, Layout.MachineFileDescriptor);
        SetUp.Begin(&This.Machine->TemplateCall);
        SetUp.Call(StubCall.Close, Layout.ImageFile);
        AddressSpace.OpenSecondFile();
        This.Initialize();
        DieWithParent();
        Machine* machine = This.Machine;
        Vcpu* cpu = This.Vcpu;
        Map(Layout.Ram, machine->RamSize, Layout.RamFile);
        Exchange.Begin(cpu, &machine->Start, &machine->Cpuid, (byte*)Layout.Ram, machine->RamSize, (VcpuPage*)(Layout.MachineFile + (VmArea.Vcpu - VmArea.Base)));
        ulong tables = Layout.Shadow + (AddressSpace.ShadowSize + 0xFFF & ~0xFFFul);
        MapPrivate(Layout.Shadow, tables + LdtPlaces.TableBytes - Layout.Shadow);
        MakeTrampolines();
        AddressSpace.ShowVmArea();
        LdtPlaces.Initialize((byte*)tables);
        RealSegments.Initialize();
        Signals.Initialize();
        SetUp.TryOldSystemCall();
        if (This.Machine->HostCpu != Layout.AnyCpu)
            Pin(This.Machine->HostCpu);
        AddressSpace.MapAlias();
        SetUp.End();
        Pool.Serve();

        // From here on in a new stub.
        SetUp.Begin(&This.Slot(This.Index)->Call);
        This.Slot(This.Index)->Process = (uint)SetUp.Call(StubCall.Getpid); // the template may not have come to it yet
        DieWithParent();
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

    // Where far jumps of the VM library and of the guest's vDSO lead, to this stub: 64-bit code, at the same place whatever the guest's segments are.
    private static void MakeTrampolines()
    {
        WriteTrampoline(Layout.HypercallTrampoline, Native.Address(AssemblyAddress.Hypercall));
        WriteTrampoline(Layout.SystemCallTrampoline, Native.Address(AssemblyAddress.SystemCall));
        const uint Page = VmArea.Private - VmArea.Base;
        Require(
            Host.Call(Host.Mmap, Layout.Trampolines, 0x1000, Host.ReadExecute, Host.Shared | Host.Fixed, Layout.MachineFileDescriptor, Page),
            Layout.Trampolines);
    }

    private static void WriteTrampoline(uint address, ulong target)
    {
        byte* code = (byte*)(Layout.MachineFile + (VmArea.Private - VmArea.Base) + (address - Layout.Trampolines));
        // jmp *2(%rip), then the address, aligned.
        code[0] = 0xFF;
        code[1] = 0x25;
        *(uint*)(code + 2) = 2;
        *(ulong*)(code + 8) = target;
    }

    private static void Map(ulong address, ulong size, int file) =>
        Require(Host.Call(Host.Mmap, address, size, Host.ReadWrite, Host.Shared | Host.Fixed, (ulong)file), address);

    private static void MapPrivate(ulong address, ulong size) =>
        Require(Host.Call(Host.Mmap, address, size, Host.ReadWrite, Host.Private | Host.Anonymous | Host.Fixed | Host.NoReserve, ulong.MaxValue), address);

    private static void Require(nint result, ulong address)
    {
        if ((ulong)result != address)
            Host.Leave(-(int)result);
    }

    private static void Pin(uint cpu)
    {
        const uint MaskBytes = 128;
        byte* mask = (byte*)Native.Address(AssemblyAddress.SignalStack); // zeros, and no signal has come yet
        mask[cpu >> 3] = (byte)(1 << (int)(cpu & 7));
        SetUp.Try(StubCall.SchedSetaffinity, 0, MaskBytes, (ulong)mask);
        mask[cpu >> 3] = 0;
    }
}
