using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>A page of code and its copy.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CopiedPage
{
    /// <summary>Number of the page of guest RAM, from 1; 0: none.</summary>
    public uint Frame;

    /// <summary>How many pieces were written.</summary>
    public ushort Count;

    /// <summary>Where they are listed: number of a <see cref="PatchPieces"/>, from 1; 0: there is none.</summary>
    public ushort Pieces;
}

/// <summary>What is patched in one page.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PatchPieces
{
    /// <summary>Pieces at most.</summary>
    public const uint Most = 63;

    /// <summary>Not 0: some page's.</summary>
    public ulong Taken;

    /// <summary>The pieces (<see cref="PatchPiece.Word"/>).</summary>
    public fixed ulong Words[(int)Most];
}

/// <summary>
/// Which pages of code have copies, and what is patched in each: shared by all stubs, at <see cref="Layout.Patches"/>. Pages are kept in
/// groups, aligned pieces of 64 KiB of RAM, so that copies of neighbours are neighbours. A group has the place that its number leads to,
/// or one of the next few; a copy's number says its place and which of the group it is. Safe: numbers are below <see cref="Capacity"/>.
/// </summary>
internal static unsafe class PatchTable
{
    /// <summary>Pages of a group.</summary>
    public const uint Group = 16;

    /// <summary>Most copies.</summary>
    public const uint Capacity = Groups * Group;

    /// <summary>No copy.</summary>
    public const uint None = uint.MaxValue;

    /// <summary>Bytes of the table.</summary>
    public const ulong Bytes = ListsStart + Lists * ListBytes;

    private const uint Groups = 128, Tries = 16, Vacant = 0; // Groups is a power of two
    private const uint Lists = 900, ListBytes = 512; // of pieces, for pages where something is patched
    private const ulong CopiesStart = Groups * sizeof(uint), ListsStart = CopiesStart + Capacity * 8;
    private const uint PiecesOfSite = 4; // a call, a hop of its own, a load and a hop to the tail

    /// <summary>The copy of a page, or <see cref="None"/>.</summary>
    public static uint Find(ulong gpa)
    {
        uint frame = Number(gpa), copy = Slot(gpa, FrameGroup(gpa));
        return copy != None && At(copy)->Frame == frame ? copy : None;
    }

    /// <summary>Makes an entry for a page that has none, if there is room.</summary>
    public static uint Add(ulong gpa)
    {
        uint copy = Slot(gpa, FrameGroup(gpa));
        if (copy == None)
        {
            copy = Slot(gpa, Vacant);
            if (copy == None)
                return None;
            *GroupAt(copy) = FrameGroup(gpa);
        }
        At(copy)->Frame = Number(gpa);
        return copy;
    }

    /// <summary>
    /// Copies that are in the way of a page's: the first one of each place where its group could be. The caller may forget them all, and
    /// the group ends.
    /// </summary>
    public static uint InTheWay(ulong gpa, uint number) => number < Tries ? ((uint)(gpa >> 16) + number & Groups - 1) * Group : None;

    /// <summary>
    /// The page has another use, or none of its copy. Stubs may have the copy mapped still, where nobody executes it: before anybody
    /// does, they compare what they have with the guest's tables, and the copy's page is not the one that is found there.
    /// </summary>
    public static void Forget(uint copy)
    {
        if (At(copy)->Pieces != 0)
            ListAt(At(copy)->Pieces)->Taken = 0;
        *(ulong*)At(copy) = Vacant;
        uint first = copy & ~(Group - 1);
        for (uint i = 0; i < Group; i++)
        {
            if (At(first + i)->Frame != Vacant)
                return;
        }
        *GroupAt(copy) = Vacant;
    }

    /// <summary>Guest physical address of the page; none that RAM has if there is no such copy.</summary>
    public static ulong Gpa(uint copy) => (ulong)(At(copy)->Frame - 1) << 12;

    /// <summary>Whether there is such a copy.</summary>
    public static bool Has(uint copy) => At(copy)->Frame != Vacant;

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

    /// <summary>The tail of a page's copy, or a hop that leads to it; 0: none.</summary>
    public static uint TailOf(uint copy, PatchWay way) => WayFrom(copy, way, 0, 0x1000);

    /// <summary>The tail, or a hop that leads to it, between two offsets; 0: none.</summary>
    public static uint WayFrom(uint copy, PatchWay way, uint first, uint last)
    {
        PatchPiece piece;
        for (uint i = 0; Get(copy, i, &piece); i++)
        {
            bool leadsOn = piece.Kind == PatchKind.Tail || (piece.Kind == PatchKind.Hop && piece.Other != 0);
            if (leadsOn && piece.Way == way && piece.At >= first && piece.At <= last)
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

    /// <summary>
    /// Whether a byte from <paramref name="start"/> to before <paramref name="end"/> was patched; not so in a page without a copy.
    /// </summary>
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
    public static bool HasRoom(uint copy) => At(copy)->Count + PiecesOfSite <= PatchPieces.Most
        && (At(copy)->Pieces != 0 || VacantList() != 0);

    /// <summary>Adds a piece; there must be room.</summary>
    public static void Add(uint copy, PatchPiece* piece)
    {
        if (At(copy)->Pieces == 0)
        {
            At(copy)->Pieces = (ushort)VacantList();
            ListAt(At(copy)->Pieces)->Taken = 1;
        }
        ListAt(At(copy)->Pieces)->Words[At(copy)->Count++] = piece->Word;
    }

    private static bool Get(uint copy, uint number, PatchPiece* piece)
    {
        if (number >= At(copy)->Count)
            return false;
        PatchPiece.Get(ListAt(At(copy)->Pieces)->Words[number], piece);
        return true;
    }

    // The number of the copy that a page has or may have where a group of this number stands; None if it does not.
    private static uint Slot(ulong gpa, uint group)
    {
        for (uint i = 0; i < Tries; i++)
        {
            uint first = InTheWay(gpa, i);
            if (*GroupAt(first) == group)
                return first + ((uint)(gpa >> 12) & (Group - 1));
        }
        return None;
    }

    private static uint VacantList()
    {
        for (uint i = 1; i <= Lists; i++)
        {
            if (ListAt(i)->Taken == 0)
                return i;
        }
        return 0;
    }

    private static uint Number(ulong gpa) => (uint)(gpa >> 12) + 1;

    private static uint FrameGroup(ulong gpa) => (uint)(gpa >> 16) + 1;

    private static uint* GroupAt(uint copy) => (uint*)Layout.Patches + copy / Group;

    private static CopiedPage* At(uint copy) => (CopiedPage*)(Layout.Patches + CopiesStart) + copy;

    private static PatchPieces* ListAt(uint number) => (PatchPieces*)(Layout.Patches + ListsStart) + (number - 1);
}
