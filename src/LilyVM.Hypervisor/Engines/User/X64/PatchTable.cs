using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>A page of code and its copy.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PatchedPage
{
    /// <summary>Pieces at most.</summary>
    public const uint Most = 63;

    /// <summary>Number of the page of guest RAM, from 1; 0: none.</summary>
    public uint Frame;

    /// <summary>How many pieces were written.</summary>
    public uint Count;

    /// <summary>The pieces (<see cref="PatchPiece.Word"/>).</summary>
    public fixed ulong Pieces[(int)Most];
}

/// <summary>
/// Which pages of code have copies, and what is patched in each: shared by all stubs, at <see cref="Layout.Patches"/>. A page has the place that its number
/// leads to, or one of the next few; the copy has the number of the place. Safe: numbers are below <see cref="Capacity"/>.
/// </summary>
internal static unsafe class PatchTable
{
    /// <summary>Most copies; a power of two.</summary>
    public const uint Capacity = 1024;

    /// <summary>No copy.</summary>
    public const uint None = uint.MaxValue;

    /// <summary>Bytes of the table.</summary>
    public const ulong Bytes = Capacity * PageBytes;

    private const uint Tries = 8, Vacant = 0;
    private const uint PageBytes = 512; // of a PatchedPage
    private const uint PiecesOfSite = 4; // a call, a hop of its own, a load and a hop to the tail

    /// <summary>The copy of a page, or <see cref="None"/>.</summary>
    public static uint Find(ulong gpa)
    {
        uint frame = Number(gpa);
        for (uint i = 0; i < Tries; i++)
        {
            uint copy = frame + i & Capacity - 1;
            if (At(copy)->Frame == frame)
                return copy;
        }
        return None;
    }

    /// <summary>Makes an entry for a page that has none, if there is room.</summary>
    public static uint Add(ulong gpa)
    {
        uint frame = Number(gpa);
        for (uint i = 0; i < Tries; i++)
        {
            uint copy = frame + i & Capacity - 1;
            if (At(copy)->Frame != Vacant)
                continue;
            At(copy)->Frame = frame;
            At(copy)->Count = 0;
            return copy;
        }
        return None;
    }

    /// <summary>The page has another use. Stubs may have its copy mapped still, where nobody executes it; it is not used for another page before they forgot.</summary>
    public static void Forget(uint copy)
    {
        At(copy)->Frame = Vacant;
        At(copy)->Count = 0;
    }

    /// <summary>Guest physical address of the page.</summary>
    public static ulong Gpa(uint copy) => (ulong)(At(copy)->Frame - 1) << 12;

    /// <summary>Whether the SYSCALL at that offset is patched.</summary>
    public static bool HasSite(uint copy, uint offset)
    {
        PatchPiece piece;
        for (uint i = 0; Get(copy, i, &piece); i++)
        {
            if (piece.Kind is PatchKind.NumberedCall or PatchKind.Call && piece.At == offset)
                return true;
        }
        return false;
    }

    /// <summary>The tail of a page's copy.</summary>
    public static uint TailOf(uint copy) => WayFrom(copy, 0, 0x1000);

    /// <summary>The tail, or a hop that leads to it, between two offsets; 0: none.</summary>
    public static uint WayFrom(uint copy, uint first, uint last)
    {
        PatchPiece piece;
        for (uint i = 0; Get(copy, i, &piece); i++)
        {
            if ((piece.Kind == PatchKind.Tail || (piece.Kind == PatchKind.Hop && piece.Other != 0)) && piece.At >= first && piece.At <= last)
                return piece.At;
        }
        return 0;
    }

    /// <summary>Whether a byte of the page was patched, and how.</summary>
    public static bool Find(uint copy, uint offset, PatchPiece* piece)
    {
        for (uint i = 0; Get(copy, i, piece); i++)
        {
            if (piece->Covers(offset))
                return true;
        }
        return false;
    }

    /// <summary>Whether a byte from <paramref name="start"/> to before <paramref name="end"/> was patched; not so in a page without a copy.</summary>
    public static bool IsPatched(uint copy, uint start, uint end)
    {
        PatchPiece piece;
        for (uint at = start; copy != None && at < end; at++)
        {
            if (Find(copy, at, &piece))
                return true;
        }
        return false;
    }

    /// <summary>Whether there is room for another site.</summary>
    public static bool HasRoom(uint copy) => At(copy)->Count + PiecesOfSite <= PatchedPage.Most;

    /// <summary>Adds a piece; there must be room.</summary>
    public static void Add(uint copy, PatchPiece* piece) => At(copy)->Pieces[At(copy)->Count++] = piece->Word;

    private static bool Get(uint copy, uint number, PatchPiece* piece)
    {
        if (number >= At(copy)->Count)
            return false;
        PatchPiece.Get(At(copy)->Pieces[number], piece);
        return true;
    }

    private static uint Number(ulong gpa) => (uint)(gpa >> 12) + 1;

    private static PatchedPage* At(uint copy) => (PatchedPage*)(Layout.Patches + copy * PageBytes);
}
