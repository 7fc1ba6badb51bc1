using System.Runtime;
using System.Threading;
using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

internal static unsafe partial class Signals
{
    private const int RefusedCall = 24; // offset of si_syscall in siginfo_t

    private const uint HostCode = 0x33, IntLength = 2;

    private const AssemblyAddress Handler = AssemblyAddress.SignalHandler, Restart = AssemblyAddress.Resume;

    /// <summary>From the host kernel.</summary>
    [RuntimeExport("lily_on_signal")]
    public static void Handle(int signal, byte* information, ulong* context)
    {
        ulong rip = context[Rip];
        if ((context[Selectors] & 0xFFFF) == HostCode)
        {
            HandleOwn(signal, information, context, rip);
            return;
        }
        Vcpu* cpu = This.Vcpu;
        if (signal == Kick)
        {
            This.Count(Counter.KickSignals);
            Time.Rang();
            cpu->Page->Pending = 1;
            if (!Flags.Interrupts(cpu) && This.Machine->StopRequested == 0)
                return; // the guest asks when it sets its interrupt flag
        }
        TakeOver(cpu, context);
        if (rip >> 32 != 0)
            Outcomes.Carry(cpu, Traps.WildSystemCall(cpu));
        else if (signal == System)
            SystemCall(cpu);
        else if (signal != Kick)
            Outcomes.Carry(cpu, Traps.Handle(cpu, (uint)context[TrapNumber], (uint)context[Error],
                (uint)context[Cr2] - AddressSpace.Shift));
        Leave(cpu);
    }

    private static void TakeOver(Vcpu* cpu, ulong* context)
    {
        TakeRegisters(cpu, context);
        Flags.TakeNestedTask(cpu);
        // The host kernel has put the FPU into its initial state; the guest's is in the frame.
        This.FrameFpu = (void*)context[FpuState];
        This.FrameFpuComponents = This.Machine->FpuComponents == 0 ? 0 : *(ulong*)(context[FpuState] + FpuComponents);
        if (cpu->Cpl == 3)
            RealSegments.Capture(cpu);
    }

    // The stub's own code was interrupted, or the trampolines.
    private static void HandleOwn(int signal, byte* information, ulong* context, ulong rip)
    {
        if (signal == Kick)
        {
            HandleOwnKick(context);
            return;
        }
        if (rip == Native.Address(AssemblyAddress.Int80))
        {
            context[Rip] += IntLength; // no gate: a host without IA-32 emulation
            return;
        }
        if (signal == System && rip >> 32 != 0)
        {
            // A profile's answer. To the old call it is what our own filter answers, too.
            if (rip != Native.Address(AssemblyAddress.Int80) + IntLength)
                SetUp.Refuse(*(StubCall*)(information + RefusedCall));
            return;
        }
        if (signal == Trap && context[TrapNumber] == Vectors.Debug)
        {
            // The guest single-steps, and stepped into the library's far jump.
            Run.Stepped = (uint)context[FlagsWord] & (Flags.Trap | Flags.NestedTask);
            context[FlagsWord] &= ~(ulong)Flags.Trap;
            return;
        }
        if (This.Vcpu->Cpl == 3 && context[TrapNumber] != Vectors.PageFault && rip >= Native.Address(AssemblyAddress.Resume)
            && rip < Native.Address(AssemblyAddress.ResumeEnd))
        {
            // The state is complete, and the guest kernel's fault.
            Run.Refused = true;
            Volatile.Write(ref *This.Attention, 1);
            context[Rip] = Native.Address(AssemblyAddress.Resume);
            return;
        }
        Failure.Report(signal == Bus ? FailureCode.HostMemory : FailureCode.UnexpectedSignal, context[Cr2], rip);
    }

    // INT 80h, caught by the filter. EIP is behind it.
    private static void SystemCall(Vcpu* cpu)
    {
        This.Count(Counter.SignalledSystemCalls);
        VdsoCall.Patch(cpu, cpu->Ip - IntLength);
        Outcomes.Carry(cpu, ProgramEntry.SystemCall(cpu, cpu->Ip, cpu->Ip - IntLength));
    }
}
