namespace LilyVM.Devices.Disks;

/// <summary>
/// Which blocks of a disk lie in the file of a snapshot, and where. A chunk of blocks that has any gets room for all of it in the file, one
/// behind the other in the order of their first writes, so file and memory are as large as what was written and not as the disk: 150 bytes
/// of memory for a chunk of 2 MiB, less when all of it lies there.
/// </summary>
internal sealed class SnapshotMap
{
    /// <summary>Bytes of a block.</summary>
    internal const int BlockSize = 4096;

    /// <summary>Bytes of a chunk.</summary>
    internal const int ChunkSize = BlocksOfChunk * BlockSize;

    private const int BlocksOfChunk = 512, BitsOfWord = 64;

    private readonly Dictionary<long, Chunk> chunks = [];
    private readonly Stack<long> free = new(); // places of chunks that went
    private long end; // of the places that were ever given

    /// <summary>Where a block lies in the file; null if it does not.</summary>
    internal long? Find(long block) =>
        chunks.TryGetValue(block / BlocksOfChunk, out Chunk? chunk) && chunk.Has((int)(block % BlocksOfChunk))
        ? PlaceIn(chunk, block) : null;

    /// <summary>Where a block is to be written in the file, and behind it the others of its chunk.</summary>
    internal long Reserve(long block)
    {
        long number = block / BlocksOfChunk;
        if (!chunks.TryGetValue(number, out Chunk? chunk))
        {
            if (!free.TryPop(out long place))
            {
                place = end;
                end += ChunkSize;
            }
            chunks.Add(number, chunk = new Chunk(place));
        }
        return PlaceIn(chunk, block);
    }

    /// <summary>Notes that blocks of one chunk, with room reserved, lie in the file now.</summary>
    internal void Add(long first, long count) => chunks[first / BlocksOfChunk].Set((int)(first % BlocksOfChunk), (int)count, here: true);

    /// <summary>Forgets blocks of one chunk; gives their place, which nothing uses any more, or null if there was none.</summary>
    internal long? Remove(long first, long count)
    {
        long number = first / BlocksOfChunk;
        if (!chunks.TryGetValue(number, out Chunk? chunk))
            return null;
        long place = PlaceIn(chunk, first);
        chunk.Set((int)(first % BlocksOfChunk), (int)count, here: false);
        if (chunk.Count == 0)
        {
            chunks.Remove(number);
            free.Push(chunk.Place);
        }
        return place;
    }

    private static long PlaceIn(Chunk chunk, long block) => chunk.Place + block % BlocksOfChunk * BlockSize;

    private sealed class Chunk(long place)
    {
        private ulong[]? blocks = new ulong[BlocksOfChunk / BitsOfWord]; // null when all are here

        internal long Place => place;

        internal int Count { get; private set; }

        internal bool Has(int block) => blocks is null || (blocks[block / BitsOfWord] >> (block % BitsOfWord) & 1) != 0;

        internal void Set(int first, int count, bool here)
        {
            if (blocks is null && here)
                return;
            if (blocks is null)
                Array.Fill(blocks = new ulong[BlocksOfChunk / BitsOfWord], ulong.MaxValue);
            for (int block = first; block < first + count; block++)
            {
                if (Has(block) == here)
                    continue;
                blocks[block / BitsOfWord] ^= 1UL << (block % BitsOfWord);
                Count += here ? 1 : -1;
            }
            if (Count == BlocksOfChunk)
                blocks = null;
        }
    }
}
