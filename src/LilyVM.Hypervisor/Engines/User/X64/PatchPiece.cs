namespace LilyVM.Hypervisor.Engines.User;

/// <summary>What was written into the copy of a page of code.</summary>
internal enum PatchKind : uint
{
    /// <summary>
    /// The end of all ways, one of each kind in a page: <c>lea page(%rip), %r11; jmp *slot</c>. <see cref="PatchPiece.At"/> is LEA, and
    /// <see cref="PatchPiece.Other"/> the last jump; if it is not right behind, a near jump leads to it.
    /// </summary>
    Tail,

    /// <summary>A near jump to the tail, for short jumps around it.</summary>
    Hop,

    /// <summary>
    /// <c>mov $number, %eax; syscall</c>, with <see cref="PatchPiece.At"/> SYSCALL: the MOV is a near jump to a <see cref="Load"/>. SYSCALL
    /// is still there, for who stood at it when this was written, and for calls that are restarted.
    /// </summary>
    NumberedCall,

    /// <summary>
    /// Another SYSCALL: a short jump to <see cref="PatchPiece.Other"/>, which is a <see cref="Load"/>, or a near jump to one.
    /// </summary>
    Call,

    /// <summary><c>mov $code, %ecx</c> and a short jump to a hop or the tail.</summary>
    ShortLoad,

    /// <summary><c>mov $code, %ecx</c> and a near jump to the tail.</summary>
    NearLoad,

    /// <summary>
    /// <c>mov $leaf, %eax</c> before a CPUID, with <see cref="PatchPiece.At"/> MOV, is a near jump to a <see cref="Load"/>. CPUID is
    /// still there.
    /// </summary>
    Identification,
}

/// <summary>What a way leads to. Registers that hold its code and its page are those that the instruction overwrites.</summary>
internal enum PatchWay : uint
{
    /// <summary>A system call: the code in ECX, the page in R11.</summary>
    Call,

    /// <summary>CPUID: the code in EBX, the page in RDX.</summary>
    Identification,
}

/// <summary>A piece of what was written: offsets in the page.</summary>
internal struct PatchPiece
{
    /// <summary>Bytes of instructions.</summary>
    public const uint ShortJump = 2, NearJump = 5, Move = 5, Lea = 7, Leave = 7;

    private const int Bits = 12;

    /// <summary>What it is.</summary>
    public PatchKind Kind;

    /// <summary>What it is part of.</summary>
    public PatchWay Way;

    /// <summary>Where it is, and where its other end is.</summary>
    public uint At, Other;

    /// <summary>For a table.</summary>
    public readonly ulong Word => (uint)Kind | (ulong)At << Bits | (ulong)Other << Bits * 2 | (ulong)Way << Bits * 3;

    /// <summary>From the table.</summary>
    public static unsafe void Get(ulong word, PatchPiece* piece)
    {
        const uint Offset = (1 << Bits) - 1;
        piece->Kind = (PatchKind)((uint)word & Offset);
        piece->At = (uint)(word >> Bits) & Offset;
        piece->Other = (uint)(word >> Bits * 2) & Offset;
        piece->Way = (PatchWay)((uint)(word >> Bits * 3) & Offset);
    }

    /// <summary>Whether the byte is not that of the page any more.</summary>
    public readonly bool Covers(uint offset) => Kind switch
    {
        PatchKind.Tail => offset - At < (Other == At + Lea ? Lea : Lea + NearJump) || offset - Other < Leave,
        PatchKind.Hop or PatchKind.Identification => offset - At < NearJump,
        PatchKind.NumberedCall => offset - (At - Move) < NearJump,
        PatchKind.Call => offset - At < ShortJump,
        PatchKind.ShortLoad => offset - At < Move + ShortJump,
        _ => offset - At < Move + NearJump,
    };
}
