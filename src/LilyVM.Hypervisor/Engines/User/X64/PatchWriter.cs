using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Writes the ways from a page's SYSCALLs to the VM library into the page's copy, into padding that was listed (<see cref="Padding"/>).
/// Safe: all offsets are in the page.
/// </summary>
internal static unsafe class PatchWriter
{
    private const uint Page = 0x1000, Before = 128, Behind = 127; // reach of a short jump, from behind it
    private const byte MoveToEax = 0xB8;

    /// <summary>The end of all ways of a kind in this page; false if there is no room.</summary>
    public static bool WriteTail(byte* page, uint copy, PatchWay way)
    {
        PatchPiece tail;
        tail.Kind = PatchKind.Tail;
        tail.Way = way;
        tail.At = Padding.Take(PatchPiece.Lea + PatchPiece.Leave, 0, Page);
        tail.Other = tail.At + PatchPiece.Lea;
        if (tail.At == 0)
        {
            tail.At = Padding.Take(PatchPiece.Lea + PatchPiece.NearJump, 0, Page);
            tail.Other = Padding.Take(PatchPiece.Leave, 0, Page);
            if (tail.At == 0 || tail.Other == 0)
                return false;
            WriteNear(page, tail.At + PatchPiece.Lea, tail.Other);
        }
        byte* at = page + tail.At;
        bool isCall = way == PatchWay.Call;
        at[0] = isCall ? (byte)0x4C : (byte)0x48;
        at[1] = 0x8D;
        at[2] = isCall ? (byte)0x1D : (byte)0x15;
        *(int*)(at + 3) = -(int)(tail.At + PatchPiece.Lea);
        at = page + tail.Other;
        at[0] = 0xFF;
        at[1] = 0x24;
        at[2] = 0x25;
        *(uint*)(at + 3) = isCall ? VmArea.ProgramCallSlot : VmArea.IdentificationSlot;
        PatchTable.Add(copy, &tail);
        return true;
    }

    /// <summary>One SYSCALL, which a program has executed with this number in EAX.</summary>
    public static bool WriteCall(byte* page, uint copy, uint site, uint number)
    {
        PatchPiece call;
        call.Way = PatchWay.Call;
        call.At = site;
        call.Other = 0;
        bool hasNumber = site >= PatchPiece.Move && page[site - PatchPiece.Move] == MoveToEax && *(uint*)(page + site - 4) == number
            && number < PatchCode.NoNumber && Padding.HasInstruction(site - PatchPiece.Move);
        if (hasNumber)
        {
            uint load = WriteLoad(page, copy, PatchWay.Call, PatchCode.Of(site, number), 0, Page);
            if (load == 0)
                return false;
            call.Kind = PatchKind.NumberedCall;
            WriteNear(page, site - PatchPiece.Move, load);
            PatchTable.Add(copy, &call);
            return true;
        }
        uint code = PatchCode.Of(site, PatchCode.NoNumber), first = Lowest(site), last = Highest(site);
        uint target = WriteLoad(page, copy, PatchWay.Call, code, first, last);
        if (target == 0)
        {
            target = Padding.Take(PatchPiece.NearJump, first, last);
            uint load = target == 0 ? 0 : WriteLoad(page, copy, PatchWay.Call, code, 0, Page);
            if (load == 0)
                return false;
            WriteNear(page, target, load);
            call.Kind = PatchKind.Hop;
            call.At = target;
            PatchTable.Add(copy, &call);
        }
        call.Kind = PatchKind.Call;
        call.At = site;
        PatchTable.Add(copy, &call);
        WriteShort(page, site, target); // last: from here on the way is taken
        return true;
    }

    /// <summary>A CPUID, whose <c>mov $leaf, %eax</c> is at <paramref name="start"/>; the page has a tail for it.</summary>
    public static bool WriteIdentification(byte* page, uint copy, uint start, uint code)
    {
        PatchPiece piece;
        piece.Kind = PatchKind.Identification;
        piece.Way = PatchWay.Identification;
        piece.At = start;
        piece.Other = 0;
        uint load = WriteLoad(page, copy, PatchWay.Identification, code, 0, Page);
        if (load == 0)
            return false;
        WriteNear(page, start, load);
        PatchTable.Add(copy, &piece);
        return true;
    }

    /// <summary>Where the near jump at an offset leads.</summary>
    public static uint Target(byte* page, uint offset) => offset + PatchPiece.NearJump + *(uint*)(page + offset + 1);

    /// <summary>The code that a load puts into its register.</summary>
    public static uint CodeAt(byte* page, uint offset) => *(uint*)(page + offset + 1);

    // mov $code, %ecx or %ebx, and the way from there to the tail, beginning between two offsets; 0 if there is no room.
    private static uint WriteLoad(byte* page, uint copy, PatchWay way, uint code, uint first, uint last)
    {
        PatchPiece load;
        load.Other = 0;
        load.Way = way;
        load.Kind = PatchKind.ShortLoad;
        uint target = 0;
        load.At = 0;
        // In the smallest padding that has a way on; behind it, for there the next one looks for it.
        for (uint number = 0; Padding.Next(&number, PatchPiece.Move + PatchPiece.ShortJump, first, last);)
        {
            uint jump = Padding.StartOf(number - 1) + PatchPiece.Move;
            target = PatchTable.WayFrom(copy, way, Lowest(jump), Highest(jump));
            if (target == 0)
                continue;
            load.At = Padding.TakeFrom(number - 1, PatchPiece.Move + PatchPiece.ShortJump);
            WriteShort(page, jump, target);
            break;
        }
        if (load.At == 0)
        {
            load.Kind = PatchKind.NearLoad;
            load.At = Padding.Take(PatchPiece.Move + PatchPiece.NearJump, first, last);
            if (load.At != 0)
                WriteNear(page, load.At + PatchPiece.Move, PatchTable.TailOf(copy, way));
        }
        if (load.At == 0)
        {
            load.Kind = PatchKind.ShortLoad;
            load.At = Padding.Take(PatchPiece.Move + PatchPiece.ShortJump, first, last);
            uint jump = load.At + PatchPiece.Move;
            uint hop = load.At == 0 ? 0 : WriteHop(page, copy, way, Lowest(jump), Highest(jump));
            if (hop == 0)
                return 0;
            WriteShort(page, jump, hop);
        }
        page[load.At] = way == PatchWay.Call ? (byte)0xB9 : (byte)0xBB;
        *(uint*)(page + load.At + 1) = code;
        PatchTable.Add(copy, &load);
        return load.At;
    }

    private static uint WriteHop(byte* page, uint copy, PatchWay way, uint first, uint last)
    {
        PatchPiece hop;
        hop.Kind = PatchKind.Hop;
        hop.Way = way;
        hop.Other = 1; // to the tail, for everybody
        hop.At = Padding.Take(PatchPiece.NearJump, first, last);
        if (hop.At == 0)
            return 0;
        WriteNear(page, hop.At, PatchTable.TailOf(copy, way));
        PatchTable.Add(copy, &hop);
        return hop.At;
    }

    private static uint Lowest(uint jump) => jump + PatchPiece.ShortJump > Before ? jump + PatchPiece.ShortJump - Before : 0;

    private static uint Highest(uint jump) => jump + PatchPiece.ShortJump + Behind;

    private static void WriteShort(byte* page, uint from, uint to) =>
        *(ushort*)(page + from) = (ushort)(0xEB | (byte)(to - (from + PatchPiece.ShortJump)) << 8);

    private static void WriteNear(byte* page, uint from, uint to)
    {
        *(int*)(page + from + 1) = (int)to - (int)(from + PatchPiece.NearJump);
        page[from] = 0xE9;
    }
}
