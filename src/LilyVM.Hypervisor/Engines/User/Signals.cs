using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Traps of the guest arrive as signals, handled on a stack of their own beyond the guest's memory. The handler takes the guest's state
/// over into the vCPU and leaves for lily_resume, not by sigreturn; no signal is ever blocked. Signals that find this code itself running
/// only set <see cref="This.Attention"/>. What a signal means is said for each architecture. Safe: the frame is the host kernel's.
/// </summary>
internal static unsafe partial class Signals
{
    private const int Illegal = 4, Trap = 5, Bus = 7, FloatingPoint = 8, Kick = 10, Segment = 11, System = 31;

    // struct ucontext of x86-64 Linux: indices of 8-byte words.
    private const int R8 = 5, Rdi = R8 + 8, Rsi = R8 + 9, Rbp = R8 + 10, Rbx = R8 + 11, Rdx = R8 + 12, Rax = R8 + 13, Rcx = R8 + 14;
    private const int Rsp = R8 + 15, Rip = R8 + 16, FlagsWord = R8 + 17, Error = R8 + 19, Cr2 = R8 + 22;

    /// <summary>
    /// Indices of words of a frame's ucontext: selectors, the exception's vector, the address of FPU state, the mask of blocked signals.
    /// </summary>
    public const int Selectors = R8 + 18, TrapNumber = R8 + 20, FpuState = R8 + 23, Mask = 37;

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

    /// <summary>Bytes of the stack of signals.</summary>
    public const uint StackBytes = 0x1_0000;

    /// <summary>Installs the handlers; forked stubs inherit them and the stack's place.</summary>
    public static void Initialize() =>
        Initialize(Native.Address(Handler), blocked: 0, Native.Address(AssemblyAddress.SignalStack), StackBytes);

    /// <summary>Installs a handler for all signals that mean something, with others blocked while it runs, on a stack.</summary>
    public static void Initialize(ulong handler, ulong blocked, ulong start, uint bytes)
    {
        Stack stack;
        stack.Start = start;
        stack.Flags = 0;
        stack.Size = bytes;
        SetUp.Call(StubCall.Sigaltstack, (ulong)&stack);
        Action action;
        action.Handler = handler;
        action.Flags = 4 | 0x0800_0000 | 0x4000_0000 | 0x0400_0000; // SA_SIGINFO, SA_ONSTACK, SA_NODEFER, SA_RESTORER
        action.Restorer = Native.Address(AssemblyAddress.Restorer);
        action.Mask = blocked;
        for (int i = 0; i < Handled.Length; i++)
            SetUp.Call(StubCall.RtSigaction, Handled[i], (ulong)&action, 0, 8);
    }

    // The registers that both architectures have.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TakeRegisters(Vcpu* cpu, ulong* context)
    {
        cpu->Ax = (Word)context[Rax];
        cpu->Cx = (Word)context[Rcx];
        cpu->Dx = (Word)context[Rdx];
        cpu->Bx = (Word)context[Rbx];
        cpu->Sp = (Word)context[Rsp];
        cpu->Bp = (Word)context[Rbp];
        cpu->Si = (Word)context[Rsi];
        cpu->Di = (Word)context[Rdi];
        cpu->Ip = (Word)context[Rip];
        cpu->Flags = (Word)context[FlagsWord];
    }

    // Everything that the signal meant is done: the guest goes on, with the FPU state that the host kernel put into the frame.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Leave(Vcpu* cpu)
    {
        Run.Settle(cpu);
        if (This.FrameFpu != null)
        {
            Native.RestoreFpu(This.FrameFpu, This.FrameFpuComponents);
            This.FrameFpu = null;
        }
        Native.Resume();
    }

    // The stub's own code was interrupted by the time or by the VM process. On its way into the guest, it starts anew.
    private static void HandleOwnKick(ulong* context)
    {
        This.Count(Counter.KickSignals);
        Time.Rang();
        StubSpace.Kicked();
        ulong rip = context[Rip];
        if (rip >= Native.Address(AssemblyAddress.Resume) && rip < Native.Address(AssemblyAddress.ResumeEnd))
            context[Rip] = Native.Address(Restart);
    }
}
