using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// What a patched SYSCALL puts into ECX: bits 0 to 11 are the offset behind SYSCALL in its page, bits 12 to 29 the number of the system
/// call if its MOV was patched (native/vmlib/x64/deprivileged/fast.S). No address of a program's looks like it: it lies in the kernel's
/// window.
/// </summary>
internal static unsafe class PatchCode
{
    /// <summary>Instead of a number: EAX has it.</summary>
    public const uint NoNumber = 0x3_FFFF;

    private const uint Mark = 0x4000_0000, OffsetMask = 0xFFF;
    private const int Shift = 12;

    /// <summary>The code of a call.</summary>
    public static uint Of(uint site, uint number) => Mark | number << Shift | (site + (uint)Patches.InstructionBytes);

    /// <summary>
    /// A program with such a code in ECX was interrupted between its SYSCALL and the library's first look at it: it stands before the MOV,
    /// or at SYSCALL, again.
    /// </summary>
    public static PatchPosition Rewind(Vcpu* cpu, ulong page)
    {
        uint code = (uint)cpu->Cx;
        bool hasNumber = Number(code) != NoNumber;
        cpu->Ip = page + (code & OffsetMask) - Patches.InstructionBytes - (hasNumber ? PatchPiece.Move : 0);
        return hasNumber ? PatchPosition.Move : PatchPosition.Call;
    }

    /// <summary>The number of the system call, or <see cref="NoNumber"/>.</summary>
    public static uint Number(uint code) => code >> Shift & NoNumber;
}

/// <summary>Where <see cref="Patches.Rewind"/> found a program.</summary>
internal enum PatchPosition
{
    /// <summary>Not on its way to the library.</summary>
    Outside,

    /// <summary>On the way; now it stands at SYSCALL.</summary>
    Call,

    /// <summary>On the way; now it stands at the MOV before SYSCALL.</summary>
    Move,

    /// <summary>On the way from a CPUID; now it stands at the MOV before it.</summary>
    Identification,
}
