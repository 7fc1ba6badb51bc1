namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// What an instruction with a memory operand computes. The first eight are in the order of their opcodes (SDM vol. 2, table A-6, group 1).
/// </summary>
internal enum AluOp : uint
{
    Add, Or, Adc, Sbb, And, Sub, Xor, Compare,
    Move, MoveSigned, Exchange, Test, Not, Negate, Increment, Decrement,
}

/// <summary>Integer arithmetic with flags (SDM vol. 1, 3.4.3.1). Safe: no memory but what the caller passes.</summary>
internal static unsafe class Alu
{
    private const Word Carry = 1, Parity = 4, Adjust = 0x10, Zero = 0x40, Sign = 0x80, Overflow = 0x800;
    private const Word AllFlags = Carry | Parity | Adjust | Zero | Sign | Overflow;

    /// <summary>
    /// The result of <paramref name="left"/> (the destination) and <paramref name="right"/>, both of <paramref name="width"/> bytes; status
    /// flags go to <paramref name="flags"/>. Moves and NOT leave flags alone.
    /// </summary>
    public static Word Compute(AluOp op, Word left, Word right, uint width, Word* flags)
    {
        Word mask = Mask(width);
        Word carry = *flags & Carry;
        switch (op)
        {
            case AluOp.Add:
                return Sum(left, right, 0, mask, AllFlags, flags);
            case AluOp.Adc:
                return Sum(left, right, carry, mask, AllFlags, flags);
            case AluOp.Sub or AluOp.Compare:
                return Difference(left, right, 0, mask, AllFlags, flags);
            case AluOp.Sbb:
                return Difference(left, right, carry, mask, AllFlags, flags);
            case AluOp.Negate:
                return Difference(0, left, 0, mask, AllFlags, flags);
            case AluOp.Increment:
                return Sum(left, 1, 0, mask, AllFlags & ~Carry, flags);
            case AluOp.Decrement:
                return Difference(left, 1, 0, mask, AllFlags & ~Carry, flags);
            case AluOp.Or:
                return Logic(left | right, mask, flags);
            case AluOp.And or AluOp.Test:
                return Logic(left & right, mask, flags);
            case AluOp.Xor:
                return Logic(left ^ right, mask, flags);
            case AluOp.Not:
                return ~left & mask;
            default:
                return right & mask;
        }
    }

    /// <summary>Whether the result goes nowhere.</summary>
    public static bool OnlySetsFlags(AluOp op) => op is AluOp.Compare or AluOp.Test;

    /// <summary>All bits of so many bytes: 1, 2, 4, and 8 in 64-bit code.</summary>
    public static Word Mask(uint width) => ~(Word)0 >> (int)(8 * (sizeof(Word) - width));

    // What leaves the highest bit as a carry or borrow is told by that bit of the operands and of the result (Hacker's Delight, 2-13).
    private static Word Sum(Word left, Word right, Word carry, Word mask, Word affected, Word* flags)
    {
        Word result = (left + right + carry) & mask, sign = SignOf(mask);
        Word status = (((left & right) | ((left | right) & ~result)) & sign) != 0 ? Carry : 0;
        if (((left ^ result) & (right ^ result) & sign) != 0)
            status |= Overflow;
        Store(status | ((left ^ right ^ result) & Adjust), result, mask, affected, flags);
        return result;
    }

    private static Word Difference(Word left, Word right, Word borrow, Word mask, Word affected, Word* flags)
    {
        Word result = (left - right - borrow) & mask, sign = SignOf(mask);
        Word status = (((~left & right) | ((~left | right) & result)) & sign) != 0 ? Carry : 0;
        if (((left ^ right) & (left ^ result) & sign) != 0)
            status |= Overflow;
        Store(status | ((left ^ right ^ result) & Adjust), result, mask, affected, flags);
        return result;
    }

    private static Word Logic(Word value, Word mask, Word* flags)
    {
        Word result = value & mask;
        Store(0, result, mask, AllFlags, flags);
        return result;
    }

    private static void Store(Word status, Word result, Word mask, Word affected, Word* flags)
    {
        if (result == 0)
            status |= Zero;
        if ((result & SignOf(mask)) != 0)
            status |= Sign;
        uint folded = (uint)(result ^ result >> 4) & 0xF;
        if ((0x9669 >> (int)folded & 1) != 0) // bit n: n has an even number of ones
            status |= Parity;
        *flags = (*flags & ~affected) | (status & affected);
    }

    private static Word SignOf(Word mask) => mask ^ mask >> 1;
}
