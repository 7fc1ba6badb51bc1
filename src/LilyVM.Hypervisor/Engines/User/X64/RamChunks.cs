using System.Threading;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Guest RAM in pieces of 2 MiB, where the host gives large pages only to who asks for each (<see cref="RamGrowth"/>): a piece is asked for
/// when the first page of it is mapped for the guest, so that RAM that is never used takes nothing. A bit for each piece, shared by all
/// stubs, says which were. A host that has no large page left leaves small ones. Safe: <see cref="Layout.ChunkBits"/> has a bit for each
/// piece of the largest RAM, and only the baton's holder writes there.
/// </summary>
internal static unsafe class RamChunks
{
    private const int ChunkShift = 21, WordShift = ChunkShift + 6;
    private const ulong ChunkBytes = 1ul << ChunkShift, Collapse = 25; // MADV_COLLAPSE

    /// <summary>Whether the host was asked for the piece around a guest physical address, or need not be.</summary>
    public static bool IsReady(ulong gpa) => This.Machine->RamGrowth == RamGrowth.ByItself || (*WordOf(gpa) & BitOf(gpa)) != 0;

    /// <summary>Asks for the pieces of a range that is about to be mapped.</summary>
    public static void MakeReady(ulong gpa, ulong bytes)
    {
        if (This.Machine->RamGrowth == RamGrowth.ByItself)
            return;
        for (ulong at = gpa & ~(ChunkBytes - 1); at < gpa + bytes; at += ChunkBytes)
        {
            if ((*WordOf(at) & BitOf(at)) != 0)
                continue;
            *WordOf(at) |= BitOf(at);
            Volatile.Read(ref *(byte*)(Layout.Ram + at)); // where no page is, the host puts nothing together
            if (This.Machine->RamGrowth == RamGrowth.ByCollapse)
                Host.Call(Host.Madvise, Layout.Ram + at, ChunkBytes, Collapse);
        }
    }

    private static ulong* WordOf(ulong gpa) => (ulong*)Layout.ChunkBits + (gpa >> WordShift);

    private static ulong BitOf(ulong gpa) => 1ul << (int)(gpa >> ChunkShift & 63);
}
