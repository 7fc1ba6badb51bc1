using System.Runtime;
using System.Threading;

namespace LilyVM.Hypervisor.Engines.User;

internal static unsafe partial class Signals
{
    // Offsets of si_call_addr, si_syscall and si_arch in siginfo_t.
    private const int CallAddress = 16, RefusedCall = 24, CallArchitecture = 28;
    private const uint I386 = 0x4000_0003; // AUDIT_ARCH_I386

    // The host's page of old calls (vsyscall), which it executes for programs that jump there. To the guest, nothing is there.
    private const ulong OldCalls = 0xFFFF_FFFF_FF60_0000, OldCallsEnd = OldCalls + 0x1000;

    private static AssemblyAddress Handler => KeptKernel.IsOn ? AssemblyAddress.KeyedSignalHandler : AssemblyAddress.SignalHandler;

    private static AssemblyAddress Restart => KeptKernel.IsOn ? AssemblyAddress.KeyedResume : AssemblyAddress.Resume;

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
        bool isPageFault = signal == Segment && context[TrapNumber] == Vectors.PageFault;
        if (window != WindowKind.None && cpu->Cpl == 3 && isPageFault && KeptKernel.Stopped(context[Error]))
            window = WindowKind.None; // not the library's doing: a program jumped into it
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
        Answer(cpu, signal, information, context, (uint)context[TrapNumber], inPatch);
    }

    /// <summary>A signal of the guest's code, its registers and its FPU state taken over.</summary>
    public static void Answer(Vcpu* cpu, int signal, byte* information, ulong* context, uint trap, PatchPosition inPatch)
    {
        if (IsOldCall(cpu, signal, information))
            Outcomes.Carry(cpu, Traps.Handle(cpu, Vectors.PageFault, AccessFlags.User | AccessFlags.Fetch, cpu->Ip));
        else if (signal == System && *(uint*)(information + CallArchitecture) == I386)
            OldSystemCall(cpu);
        else if (signal == System)
            SystemCall(cpu, information);
        else if (signal == Trap && inPatch != PatchPosition.Outside)
            Step(cpu, inPatch);
        else if (signal != Kick)
            Outcomes.Carry(cpu, Traps.Handle(cpu, trap, (uint)context[Error], context[Cr2]));
        Leave(cpu);
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
        return signal == Segment && context[TrapNumber] == Vectors.PageFault && !KeptKernel.Stopped(context[Error])
            && Traps.TryMap(cpu, (uint)context[Error], context[Cr2], level: 0);
    }

    /// <summary>Puts the guest's general registers into a frame.</summary>
    public static void GiveAllRegisters(Vcpu* cpu, ulong* context)
    {
        context[Rax] = cpu->Ax;
        context[Rcx] = cpu->Cx;
        context[Rdx] = cpu->Dx;
        context[Rbx] = cpu->Bx;
        context[Rsp] = cpu->Sp;
        context[Rbp] = cpu->Bp;
        context[Rsi] = cpu->Si;
        context[Rdi] = cpu->Di;
        context[Rip] = cpu->Ip;
        context[FlagsWord] = cpu->Flags;
        for (int i = 0; i < 8; i++)
            context[R8 + i] = (&cpu->R8)[i];
    }

    /// <summary>General registers of a frame.</summary>
    public static void TakeAllRegisters(Vcpu* cpu, ulong* context)
    {
        TakeRegisters(cpu, context);
        for (int i = 0; i < 8; i++)
            (&cpu->R8)[i] = context[R8 + i];
    }

    private static void TakeOver(Vcpu* cpu, ulong* context)
    {
        TakeAllRegisters(cpu, context);
        // The host kernel has put the FPU into its initial state; the guest's is in the frame.
        This.FrameFpu = (void*)context[FpuState];
        This.FrameFpuComponents = This.Machine->FpuComponents == 0
            ? 0
            : *(ulong*)(context[FpuState] + FpuComponents) & ~ProtectionKeys.StateComponent;
    }

    // The stub's own code was interrupted.
    private static void HandleOwn(int signal, byte* information, ulong* context, ulong rip)
    {
        if (signal == Kick)
        {
            HandleOwnKick(context);
            return;
        }
        if (signal == System)
            SetUp.Refuse(*(StubCall*)(information + RefusedCall)); // a profile's answer
        // The stub's own stacks are its own memory.
        FailureCode code = context[Rsp] < Layout.Image ? FailureCode.GuestInEngine
            : signal == Bus ? FailureCode.HostMemory : FailureCode.UnexpectedSignal;
        Failure.Report(code, context[Cr2], rip);
    }

    // The guest jumped to the host's page of old calls, and stands there. What the host says of the fault is not to be believed: for places
    // that are no call, and for calls without a stack, it says what it said of the fault before.
    private static bool IsOldCall(Vcpu* cpu, int signal, byte* information)
    {
        if (signal == Segment)
            return cpu->Ip >= OldCalls && cpu->Ip < OldCallsEnd;
        ulong from = *(ulong*)(information + CallAddress);
        if (signal != System || from < OldCalls)
            return false;
        // The host has returned from the call already, which it did not make.
        cpu->Ip = from;
        cpu->Sp -= sizeof(ulong);
        return true;
    }

    // A program single-stepped over a patched SYSCALL, or the MOV before it or CPUID: that is the whole step.
    private static void Step(Vcpu* cpu, PatchPosition position)
    {
        ulong at = cpu->Ip;
        if (position == PatchPosition.Call)
        {
            cpu->Ip += Patches.InstructionBytes;
            Outcomes.Carry(cpu, SystemCalls.Enter(cpu, at));
            return;
        }
        cpu->Ax = position == PatchPosition.Move ? PatchCode.Number((uint)cpu->Cx) : IdentificationCode.Leaf((uint)cpu->Bx);
        cpu->Ip += PatchPiece.Move;
        Outcomes.Carry(cpu, Traps.Handle(cpu, Vectors.Debug, 0, 0));
    }

    // INT 80h, which the host's kernel takes for a system call of its own if it knows 32-bit programs; without them it is this fault.
    private static void OldSystemCall(Vcpu* cpu)
    {
        const uint Vector = 0x80, Length = 2, ErrorCode = Vector << 3 | 2; // of the IDT (SDM vol. 3, 6.13)
        cpu->Ip -= Length;
        Outcomes.Carry(cpu, Traps.Handle(cpu, Vectors.GeneralProtection, ErrorCode, 0));
    }

    // SYSCALL, caught by the filter. RIP is behind it.
    private static void SystemCall(Vcpu* cpu, byte* information)
    {
        This.Count(Counter.SignalledSystemCalls);
        cpu->Ax = *(uint*)(information + RefusedCall) | (cpu->Ax & ~0xFFFF_FFFFul);
        ulong at = cpu->Ip - Patches.InstructionBytes;
        if (cpu->Cpl == 3 && !Programs.AreApart)
            Patches.Try(cpu, at);
        Outcomes.Carry(cpu, SystemCalls.Enter(cpu, at));
    }
}
