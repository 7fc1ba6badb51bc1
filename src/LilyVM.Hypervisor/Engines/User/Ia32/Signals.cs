using System.Runtime;
using System.Threading;
using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Traps of the guest arrive as signals, handled on a stack of their own above 4 GiB. The handler takes the guest's state over into the
/// vCPU and leaves for lily_resume, not by sigreturn; no signal is ever blocked. Signals that find this code itself running only set <see
/// cref="This.Attention"/>. Safe: the frame is the host kernel's.
/// </summary>
internal static unsafe class Signals
{
    private const int Illegal = 4, Trap = 5, Bus = 7, FloatingPoint = 8, Kick = 10, Segment = 11, System = 31;
    private const int RefusedCall = 24; // offset of si_syscall in siginfo_t

    // struct ucontext of x86-64 Linux: indices of 8-byte words.
    private const int Rdi = 5 + 8, Rsi = 5 + 9, Rbp = 5 + 10, Rbx = 5 + 11, Rdx = 5 + 12, Rax = 5 + 13, Rcx = 5 + 14, Rsp = 5 + 15,
        Rip = 5 + 16, FlagsWord = 5 + 17,
        Selectors = 5 + 18, Error = 5 + 19, TrapNumber = 5 + 20, Cr2 = 5 + 22, FpuState = 5 + 23;

    private const uint HostCode = 0x33, IntLength = 2;

    // Where struct _fpx_sw_bytes lies in the FXSAVE image, and in it the components that follow.
    private const int FpuSoftwareBytes = 464, FpuComponents = FpuSoftwareBytes + 8;

    private static global::System.ReadOnlySpan<byte> Handled => [Illegal, Trap, Bus, FloatingPoint, Kick, Segment, System];

    private struct Action
    {
        public ulong Handler, Flags, Restorer, Mask;
    }

    private struct Stack
    {
        public ulong Start, Flags, Size;
    }

    /// <summary>Installs the handlers; forked stubs inherit them and the stack's place.</summary>
    public static void Initialize()
    {
        Stack stack;
        stack.Start = Native.Address(AssemblyAddress.SignalStack);
        stack.Flags = 0;
        stack.Size = 0x10000;
        SetUp.Call(StubCall.Sigaltstack, (ulong)&stack);
        Action action;
        action.Handler = Native.Address(AssemblyAddress.SignalHandler);
        action.Flags = 4 | 0x0800_0000 | 0x4000_0000 | 0x0400_0000; // SA_SIGINFO, SA_ONSTACK, SA_NODEFER, SA_RESTORER
        action.Restorer = Native.Address(AssemblyAddress.Restorer);
        action.Mask = 0;
        for (int i = 0; i < Handled.Length; i++)
            SetUp.Call(StubCall.RtSigaction, Handled[i], (ulong)&action, 0, 8);
    }

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
        Run.Settle(cpu);
        if (This.FrameFpu != null)
        {
            Native.RestoreFpu(This.FrameFpu, This.FrameFpuComponents);
            This.FrameFpu = null;
        }
        Native.Resume();
    }

    private static void TakeOver(Vcpu* cpu, ulong* context)
    {
        cpu->Ax = (uint)context[Rax];
        cpu->Cx = (uint)context[Rcx];
        cpu->Dx = (uint)context[Rdx];
        cpu->Bx = (uint)context[Rbx];
        cpu->Sp = (uint)context[Rsp];
        cpu->Bp = (uint)context[Rbp];
        cpu->Si = (uint)context[Rsi];
        cpu->Di = (uint)context[Rdi];
        cpu->Ip = (uint)context[Rip];
        cpu->Flags = (uint)context[FlagsWord];
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
            This.Count(Counter.KickSignals);
            Time.Rang();
            if (rip >= Native.Address(AssemblyAddress.Resume) && rip < Native.Address(AssemblyAddress.ResumeEnd))
                context[Rip] = Native.Address(AssemblyAddress.Resume);
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
