using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// The frame of the signal that ended a turn of programs. It lies in memory that they can write, so where it is and what is in it is
/// checked, and FPU state is copied before it is loaded. Safe: only <see cref="ProgramPage"/>'s stack of signals is touched.
/// </summary>
internal static unsafe class ProgramFrame
{
    private const ulong StackStart = Layout.Programs + ProgramPage.StackAt, StackEnd = Layout.Programs + ProgramPage.Bytes;

    // Of XSAVE's area (SDM vol. 1, 13.4): MXCSR and its mask, the header of 64 bytes, and the smallest size.
    private const uint Mxcsr = 24, MxcsrMask = 28, Header = 512, LegacyBytes = 512, LeastBytes = 576;

    // struct _fpx_sw_bytes: the size is behind the components.
    private const uint SizeOfState = 464 + 16;

    private const uint ContextBytes = 304 + 8, InformationBytes = 128; // up to the signal mask; siginfo_t

    private static State state;
    private static uint stateBytes, mxcsrMask;
    private static ulong selectors;

    [StructLayout(LayoutKind.Sequential, Size = 0x4000 + 64)]
    private struct State
    {
        public ulong First;
    }

    /// <summary>From the first frame, which no program has seen: how large FPU state is here, and which selectors programs have.</summary>
    public static void Learn(ProgramPage* page)
    {
        ulong* context = Context(page);
        byte* fpu = Fpu(context, LeastBytes);
        stateBytes = This.Machine->FpuComponents == 0 ? LegacyBytes : *(uint*)(fpu + SizeOfState);
        mxcsrMask = *(uint*)(fpu + MxcsrMask);
        selectors = context[Signals.Selectors];
        SetUp.Require(StubCall.RtSigaction, stateBytes >= LegacyBytes && stateBytes <= (uint)sizeof(State) - 64);
    }

    /// <summary>What the program is to go on with. FPU registers are its own, and stay.</summary>
    public static void Give(Vcpu* cpu, ProgramPage* page)
    {
        ulong* context = Context(page);
        Signals.GiveAllRegisters(cpu, context);
        context[Signals.Selectors] = selectors;
        context[Signals.Mask] = 0;
        Native.SaveFpu(Fpu(context, stateBytes), This.Machine->FpuComponents);
    }

    /// <summary>Takes its registers over and does what its signal means; enters the guest.</summary>
    public static void Answer(Vcpu* cpu, ProgramPage* page)
    {
        ulong* context = Context(page);
        byte* information = (byte*)Checked(page->Information, InformationBytes);
        Signals.TakeAllRegisters(cpu, context);
        TakeFpu(Fpu(context, stateBytes));
        Signals.Answer(cpu, (int)page->Signal, information, context, Trap(context[Signals.TrapNumber]), PatchPosition.Outside);
    }

    // Of the vectors those that a program can cause; what it pretends beside them it gets as a general protection.
    private static uint Trap(ulong vector)
    {
        const int Bound = 5, Maths = 16, Simd = 19;
        const uint OfPrograms = 1u << (int)Vectors.Divide | 1u << (int)Vectors.Debug | 1u << (int)Vectors.Breakpoint
            | 1u << (int)Vectors.Overflow | 1u << Bound | 1u << (int)Vectors.InvalidOpcode | 1u << (int)Vectors.Stack
            | 1u << (int)Vectors.GeneralProtection | 1u << (int)Vectors.PageFault | 1u << Maths | 1u << (int)Vectors.AlignmentCheck
            | 1u << Simd;
        return vector < 32 && (OfPrograms >> (int)vector & 1) != 0 ? (uint)vector : Vectors.GeneralProtection;
    }

    private static void TakeFpu(byte* from)
    {
        byte* to = Aligned();
        for (uint i = 0; i < stateBytes; i += 8)
            *(ulong*)(to + i) = *(ulong*)(from + i);
        *(uint*)(to + Mxcsr) &= mxcsrMask;
        ulong components = This.Machine->FpuComponents;
        if (components != 0)
        {
            ulong* header = (ulong*)(to + Header);
            header[0] &= components;
            for (int i = 1; i < 8; i++)
                header[i] = 0;
        }
        This.FrameFpu = to;
        This.FrameFpuComponents = components;
    }

    private static byte* Aligned()
    {
        fixed (State* start = &state)
            return (byte*)((ulong)start + 63 & ~63ul);
    }

    private static ulong* Context(ProgramPage* page) => (ulong*)Checked(page->Context, ContextBytes);

    private static byte* Fpu(ulong* context, uint bytes)
    {
        ulong address = context[Signals.FpuState];
        if ((address & 63) != 0)
            Spoilt(address);
        return (byte*)Checked(address, bytes);
    }

    private static ulong Checked(ulong address, uint bytes)
    {
        if (address < StackStart || address > StackEnd - bytes || (address & 7) != 0)
            Spoilt(address);
        return address;
    }

    // A program wrote over it: no program of this stub can go on.
    private static void Spoilt(ulong address) => Failure.Report(FailureCode.GuestInEngine, address, 0);
}
