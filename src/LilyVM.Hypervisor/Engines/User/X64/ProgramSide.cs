namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// The process of a stub's programs begins: a copy of the stub, which gives up all it has but its text and <see cref="ProgramPage"/>. From
/// then on only assembly runs there (native/entry/user/x64/programs.S). Its filter lets through what has the secret in the fifth argument's
/// upper half, where the host's kernel does not look: so a program that jumps to that assembly maps nothing, for while programs run the
/// secret is neither in memory nor in registers. Safe: nothing else runs in the process yet.
/// </summary>
internal static unsafe class ProgramSide
{
    private const ulong AllSignals = ulong.MaxValue, DeathSignal = 1, KillSignal = 9; // PR_SET_PDEATHSIG
    private const ulong BehindVmArea = 0x8000_0000;

    private static SyscallFilter.Room room;

    /// <summary>The fifth argument of a call with that secret.</summary>
    public static ulong Secret(uint number) => (ulong)number << 32 | Layout.RamFile;

    /// <summary>Does not return. What it calls is not named: the stub that waits for it is the one that set out to do this.</summary>
    public static void Begin(ProgramPage* page)
    {
        Machine* machine = This.Machine;
        uint secret = machine->ProgramSecret, cpu = machine->ProgramCpu;
        ulong ram = This.Vcpu->RamEnd + Layout.PatchBytes;
        Require(Host.Call((int)StubCall.Prctl, DeathSignal, KillSignal) == 0);
        Require((uint)Host.Call((int)StubCall.Getppid) == machine->VmProcess);
        if (cpu != Layout.AnyCpu)
            Stub.Pin(cpu);
        Signals.Initialize(
            Native.Address(AssemblyAddress.ProgramSignal), AllSignals, Layout.Programs + ProgramPage.StackAt,
            ProgramPage.Bytes - ProgramPage.StackAt);
        fixed (SyscallFilter.Room* instructions = &room)
        {
            var writer = new FilterWriter((ulong*)instructions);
            FilterRules.WriteForPrograms(&writer, secret);
            SyscallFilter.Install((ulong*)instructions, writer.Count);
        }
        page->Secret = Secret(secret);
        // The VM area is the last to go that this code uses; assembly needs neither it nor the image's data.
        ulong data = Native.Address(AssemblyAddress.Data);
        Programs.Unmap(Layout.Ram, ram);
        Programs.Unmap(Layout.Places, Places.Bytes);
        Programs.Reserve(VmArea.Base, BehindVmArea - VmArea.Base);
        Programs.Unmap(data, Native.Address(AssemblyAddress.SignalStack) + Signals.StackBytes - data);
        Native.BeginPrograms();
    }

    private static void Require(bool isTrue)
    {
        if (!isTrue)
            Host.Leave(1);
    }
}
