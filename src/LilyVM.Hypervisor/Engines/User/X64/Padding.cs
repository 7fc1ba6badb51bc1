namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Padding that compilers leave behind a RET or JMP so that what follows is aligned: NOPs or INT3, which nobody executes. It is found by
/// decoding the page, from a place from which decoding meets the SYSCALL. Where the page begins may be in the middle of an instruction;
/// decoding falls into step within a few of them, so the first bytes are not used. Padding that something may jump to is left alone: a
/// loop's head is aligned, too, and who comes from elsewhere falls through its NOPs. Safe: reads one page of code, and writes a list that
/// holds all there can be.
/// </summary>
internal static unsafe class Padding
{
    private const uint Page = 0x1000, Alignment = 16, OutOfStep = 128;

    /// <summary>Bytes of memory behind the table of patches.</summary>
    public const ulong Bytes = 2 * sizeof(ushort) * (Page / Alignment) + Page / 8;

    // Where jumps may be that lead to a byte of the page.
    private const uint ShortReach = 128;

    private static uint count;

    // One for every aligned address of the page, and a bit for each byte. Safe: behind the table of patches, in memory of the engine.
    private static ushort* Starts => (ushort*)(Layout.Patches + PatchTable.Bytes);

    private static ushort* Ends => Starts + Page / Alignment;

    private static byte* Instructions => (byte*)(Ends + Page / Alignment);

    /// <summary>Lists the padding of a page with a SYSCALL at <paramref name="site"/>; false if decoding does not meet it.</summary>
    public static bool List(byte* page, uint site, uint copy)
    {
        for (uint start = 0; start < Alignment && start <= site; start++)
        {
            if (List(page, start, site, copy))
                return true;
        }
        return false;
    }

    /// <summary>Whether an instruction begins there.</summary>
    public static bool HasInstruction(uint offset) => (Instructions[offset / 8] >> (int)(offset % 8) & 1) != 0;

    /// <summary>Takes the smallest piece that has so many bytes, and begins between two addresses; 0 if there is none.</summary>
    public static uint Take(uint bytes, uint first, uint last)
    {
        uint best = count, number = 0;
        while (Next(&number, bytes, first, last))
        {
            if (best == count || SizeOf(number - 1) < SizeOf(best))
                best = number - 1;
        }
        return best == count ? 0 : TakeFrom(best, bytes);
    }

    /// <summary>Finds a piece from a number on, and leaves the number behind it.</summary>
    public static bool Next(uint* number, uint bytes, uint first, uint last)
    {
        while (*number < count)
        {
            uint i = (*number)++;
            if (SizeOf(i) >= bytes && Starts[i] >= first && Starts[i] <= last)
                return true;
        }
        return false;
    }

    /// <summary>Where a piece begins.</summary>
    public static uint StartOf(uint number) => Starts[number];

    /// <summary>Takes bytes from the beginning of a piece.</summary>
    public static uint TakeFrom(uint number, uint bytes)
    {
        uint start = Starts[number];
        Starts[number] = (ushort)(start + bytes);
        return start;
    }

    private static uint SizeOf(uint number) => (uint)(Ends[number] - Starts[number]);

    private static bool List(byte* page, uint start, uint site, uint copy)
    {
        count = 0;
        for (uint i = 0; i < Page / 8; i++)
            Instructions[i] = 0;
        bool met = false;
        for (uint at = start; at < Page;)
        {
            met |= at == site;
            Instructions[at / 8] |= (byte)(1 << (int)(at % 8));
            uint length = InstructionLength.Of(page + at, Page - at);
            if (length == 0 && at > site)
                break; // what follows has no use
            if (length == 0 || (at < site && at + length > site))
                return false;
            bool leaves = page[at] is 0xC3 or 0xEB or 0xE9;
            at += length;
            if (!leaves)
                continue;
            uint end = EndOf(page, at);
            if (end == at)
                continue;
            if (at >= OutOfStep && !PatchTable.IsPatched(copy, at, end) && !IsJumpedTo(page, at))
            {
                Starts[count] = (ushort)at;
                Ends[count] = (ushort)end;
                count++;
            }
            at = end;
        }
        return met;
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

    // Whatever could be a jump to an offset, if it began at the right byte: what lies before the SYSCALL cannot be decoded.
    private static bool IsJumpedTo(byte* page, uint target)
    {
        const uint NearBranch = 6;
        for (uint at = target > ShortReach ? target - ShortReach : 0; at + PatchPiece.ShortJump <= Page && at < target + ShortReach; at++)
        {
            if (((page[at] & 0xF0) == 0x70 || page[at] == 0xEB) && at + PatchPiece.ShortJump + (uint)(sbyte)page[at + 1] == target)
                return true;
        }
        for (uint at = 0; at + NearBranch <= Page; at++)
        {
            if (page[at] == 0xE9 && at + PatchPiece.NearJump + *(uint*)(page + at + 1) == target)
                return true;
            if (page[at] == 0x0F && (page[at + 1] & 0xF0) == 0x80 && at + NearBranch + *(uint*)(page + at + 2) == target)
                return true;
        }
        return false;
    }
}
