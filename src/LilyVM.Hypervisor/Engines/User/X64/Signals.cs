using System.Runtime;
using System.Threading;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Traps of the guest arrive as signals, handled on a stack of their own. The handler takes the guest's state over into the vCPU and leaves for
/// lily_resume, not by sigreturn; no signal is ever blocked. Signals that find this code itself running only set <see cref="This.Attention"/>. Safe: the
/// frame is the host kernel's.
/// </summary>
internal static unsafe class Signals
{
    private const int Illegal = 4, Trap = 5, Bus = 7, FloatingPoint = 8, Kick = 10, Segment = 11, System = 31;
    private const int RefusedCall = 24; // offset of si_syscall in siginfo_t

    // struct ucontext of x86-64 Linux: indices of 8-byte words.
    private const int R8 = 5, Rdi = 5 + 8, Rsi = 5 + 9, Rbp = 5 + 10, Rbx = 5 + 11, Rdx = 5 + 12, Rax = 5 + 13, Rcx = 5 + 14, Rsp = 5 + 15, Rip = 5 + 16,
        FlagsWord = 5 + 17, Error = 5 + 19, TrapNumber = 5 + 20, Cr2 = 5 + 22, FpuState = 5 + 23;

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
        // Elsewhere above the image is no code: who jumps there is the guest, and has a page fault.
        if (rip >= Layout.Image && rip < Native.Address(AssemblyAddress.TextEnd))
        {
            HandleOwn(signal, information, context, rip);
            return;
        }
        Vcpu* cpu = This.Vcpu;
        WindowKind window = LibraryWindows.Find(rip);
        if (window != WindowKind.None && InWindow(cpu, signal, context, window))
            return;
        if (signal == Kick)
        {
            This.Count(Counter.KickSignals);
            Time.Rang();
            if (window == WindowKind.None && !Flags.Interrupts(cpu) && This.Machine->StopRequested == 0)
            {
                cpu->Page->Pending = 1;
                cpu->Work |= Work.Interrupt;
                return; // the guest asks when it sets its interrupt flag
            }
        }
        TakeOver(cpu, context);
        PatchPosition inPatch = PatchPosition.Outside;
        if (window != WindowKind.None)
            LibraryWindows.Settle(cpu, window);
        else if (cpu->Cpl == 3)
            inPatch = Patches.Rewind(cpu);
        if (signal == System)
            SystemCall(cpu, information);
        else if (signal == Trap && inPatch != PatchPosition.Outside)
            Step(cpu, inPatch);
        else if (signal != Kick)
            Outcomes.Carry(cpu, Traps.Handle(cpu, (uint)context[TrapNumber], (uint)context[Error], context[Cr2]));
        Run.Settle(cpu);
        if (This.FrameFpu != null)
        {
            Native.RestoreFpu(This.FrameFpu, This.FrameFpuComponents);
            This.FrameFpu = null;
        }
        Native.Resume();
    }

    // In the library, in the middle of an instruction of the guest's. True if the library goes on as if nothing had been.
    private static bool InWindow(Vcpu* cpu, int signal, ulong* context, WindowKind window)
    {
        if (signal == Kick && window == WindowKind.Hypercall)
        {
            This.Count(Counter.KickSignals);
            Time.Rang();
            Volatile.Write(ref *This.Attention, 1); // the engine is about to be entered, and looks
            return true;
        }
        if (signal == Trap && context[TrapNumber] == Vectors.Debug)
        {
            Run.Stepped = true;
            context[FlagsWord] &= ~Flags.Trap;
            return true;
        }
        // The guest's stack may not be mapped in this stub yet. It is the kernel's, whatever the library has written already.
        return signal == Segment && context[TrapNumber] == Vectors.PageFault
            && Traps.TryMap(cpu, (uint)context[Error], context[Cr2], level: 0);
    }

    private static void TakeOver(Vcpu* cpu, ulong* context)
    {
        cpu->Ax = context[Rax];
        cpu->Cx = context[Rcx];
        cpu->Dx = context[Rdx];
        cpu->Bx = context[Rbx];
        cpu->Sp = context[Rsp];
        cpu->Bp = context[Rbp];
        cpu->Si = context[Rsi];
        cpu->Di = context[Rdi];
        for (int i = 0; i < 8; i++)
            (&cpu->R8)[i] = context[R8 + i];
        cpu->Ip = context[Rip];
        cpu->Flags = context[FlagsWord];
        // The host kernel has put the FPU into its initial state; the guest's is in the frame.
        This.FrameFpu = (void*)context[FpuState];
        This.FrameFpuComponents = This.Machine->FpuComponents == 0 ? 0 : *(ulong*)(context[FpuState] + FpuComponents);
    }

    // The stub's own code was interrupted.
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
        if (signal == System)
            SetUp.Refuse(*(StubCall*)(information + RefusedCall)); // a profile's answer
        // The stub's own stacks are its own memory.
        FailureCode code = context[Rsp] < Layout.Image ? FailureCode.GuestInEngine : signal == Bus ? FailureCode.HostMemory : FailureCode.UnexpectedSignal;
        Failure.Report(code, context[Cr2], rip);
    }

    // A program single-stepped over a patched SYSCALL, or the MOV before it: that is the whole step.
    private static void Step(Vcpu* cpu, PatchPosition position)
    {
        ulong at = cpu->Ip;
        if (position == PatchPosition.Call)
        {
            cpu->Ip += Patches.InstructionBytes;
            Outcomes.Carry(cpu, SystemCalls.Enter(cpu, at));
            return;
        }
        cpu->Ax = PatchCode.Number((uint)cpu->Cx);
        cpu->Ip += PatchPiece.Move;
        Outcomes.Carry(cpu, Traps.Handle(cpu, Vectors.Debug, 0, 0));
    }

    // SYSCALL, caught by the filter. RIP is behind it.
    private static void SystemCall(Vcpu* cpu, byte* information)
    {
        This.Count(Counter.SignalledSystemCalls);
        cpu->Ax = *(uint*)(information + RefusedCall) | (cpu->Ax & ~0xFFFF_FFFFul);
        ulong at = cpu->Ip - Patches.InstructionBytes;
        if (cpu->Cpl == 3)
            Patches.Try(cpu, at);
        Outcomes.Carry(cpu, SystemCalls.Enter(cpu, at));
    }
}
