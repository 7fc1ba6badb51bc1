namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Padding that compilers leave behind a RET or JMP so that what follows is aligned: NOPs or INT3, which nobody executes. It is found by decoding forward from
/// the SYSCALL, so that a RET is one and not a byte of something else. Safe: reads one page of code.
/// </summary>
internal static unsafe class Padding
{
    private const uint Page = 0x1000, Alignment = 16;
    private const uint Lea = 7, Jump = 7, ShortJump = 2, Reach = 127;

    /// <summary>
    /// Finds room for the two instructions that lead into the library, in one piece or in two with a short jump between them, within a short jump's reach.
    /// </summary>
    /// <param name="page">The page of code.</param>
    /// <param name="site">Offset of the SYSCALL.</param>
    /// <param name="copy">The page's copy, whose patches are in use; or <see cref="PatchTable.None"/>.</param>
    /// <param name="first">Room for the LEA, and for the JMP if <paramref name="second"/> is right behind it.</param>
    /// <param name="second">Room for the JMP.</param>
    public static bool Find(byte* page, uint site, uint copy, uint* first, uint* second)
    {
        uint at = site + (uint)Patches.InstructionBytes, half = 0;
        while (at < Page && at < site + Reach)
        {
            uint length = InstructionLength.Of(page + at, Page - at);
            if (length == 0)
                return false;
            bool leaves = page[at] is 0xC3 or 0xEB or 0xE9;
            at += length;
            if (!leaves)
                continue;
            uint end = EndOf(page, at);
            uint free = end - at;
            if (free == 0 || IsTaken(copy, at, end))
                continue;
            // At the end of it: short jumps to the beginning of padding exist, to its middle they do not.
            if (free >= Lea + Jump && end - (Lea + Jump) - (site + 2) <= Reach)
            {
                *first = end - (Lea + Jump);
                *second = *first + Lea;
                return true;
            }
            if (half != 0 && free >= Jump && end - Jump - (half + Lea + ShortJump) <= Reach)
            {
                *first = half;
                *second = end - Jump;
                return true;
            }
            if (half == 0 && free >= Lea + ShortJump && end - (Lea + ShortJump) - (site + 2) <= Reach)
                half = end - (Lea + ShortJump);
            at = end;
        }
        return false;
    }

    // Behind the padding that starts there; where it starts if it is none, or does not reach an aligned address.
    private static uint EndOf(byte* page, uint start)
    {
        uint at = start;
        while (at < Page && (at % Alignment != 0 || at == start))
        {
            uint length = LengthOfNop(page + at, Page - at);
            if (length == 0)
                return start;
            at += length;
        }
        return at % Alignment == 0 ? at : start;
    }

    // INT3, NOP with prefixes, or NOP with an operand (0F 1F /0).
    private static uint LengthOfNop(byte* code, uint available)
    {
        if (*code == 0xCC)
            return 1;
        uint prefixes = 0;
        while (prefixes < available && (uint)code[prefixes] is Prefix.OperandSize or Prefix.Cs)
            prefixes++;
        bool isNop = prefixes < available && code[prefixes] == 0x90;
        bool isLong = prefixes + 1 < available && code[prefixes] == 0x0F && code[prefixes + 1] == 0x1F;
        return isNop || isLong ? InstructionLength.Of(code, available) : 0;
    }

    private static bool IsTaken(uint copy, uint start, uint end)
    {
        if (copy == PatchTable.None)
            return false;
        for (uint at = start; at < end; at++)
        {
            if (PatchTable.IsPatched(copy, at))
                return true;
        }
        return false;
    }
}
