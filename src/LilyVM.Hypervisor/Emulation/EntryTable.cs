using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// What each entry of the jump table does. The other part of this class is generated from <c>LilyVM.Abi.LibraryEntries</c> at build time by
/// <c>build/AbiHeaders</c>, four bytes for each entry, lowest first (a table of bytes needs no start-up code). A word holds: bits 0-7 <see
/// cref="Op"/>, 8-11 register number of the instruction's kind, 12-15 the general register that the entry names (15: none), 16-18 the
/// logarithm of the operand's width, 19 REP, 20-21 and 22-23 kinds of the two operands.
/// </summary>
internal static unsafe partial class EntryTable
{
    /// <summary>Kinds of operands.</summary>
    public const uint NoOperand = 0, Memory = 1, Value = 2, Register = 3;

    /// <summary>What <see cref="RegisterOf"/> returns for entries that name no register.</summary>
    public const uint NoRegister = 15;

    private const int WordSize = 4;

    /// <summary>How many entries there are.</summary>
    public static uint Count => (uint)Bytes.Length / WordSize;

    /// <summary>The word of an entry, which must be below <see cref="Count"/>.</summary>
    // safe: checked, and data of the image never moves.
    public static uint Word(uint entry) => *(uint*)Unsafe.AsPointer(in Bytes[(int)entry * WordSize]);

    /// <summary>The instruction.</summary>
    public static Op OpOf(uint word) => (Op)(word & 0xFF);

    /// <summary>Number of its control, debug or segment register.</summary>
    public static uint NumberOf(uint word) => word >> 8 & 15;

    /// <summary>The general register that the entry names.</summary>
    public static uint RegisterOf(uint word) => word >> 12 & 15;

    /// <summary>Bytes of the operand.</summary>
    public static uint WidthOf(uint word) => 1u << (int)(word >> 16 & 7);

    /// <summary>Whether a REP prefix belongs to it.</summary>
    public static bool Repeats(uint word) => (word >> 19 & 1) != 0;

    /// <summary>Kinds of operands that follow the call, two bits each, the first one lowest.</summary>
    public static uint OperandsOf(uint word) => word >> 20;
}
