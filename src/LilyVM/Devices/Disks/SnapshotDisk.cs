namespace LilyVM.Devices.Disks;

/// <summary>
/// A disk over a read-only one. What is written goes to a sparse temporary file that has no name and so vanishes with the process;
/// <see cref="SnapshotMap"/> tells which blocks lie there. A discarded block is as if it had never been written.
/// </summary>
internal sealed class SnapshotDisk : Disk
{
    private const int BlockSize = SnapshotMap.BlockSize;

    private static readonly byte[] Zeroes = new byte[64 * 1024];

    private readonly Disk below;
    private readonly HostFile overlay;
    private readonly SnapshotMap map = new();
    private readonly byte[] block = new byte[BlockSize];

    /// <summary>Creates the overlay in a folder, or in the one for temporary files; the disk below is disposed with this one.</summary>
    /// <exception cref="LilyVMException">No file can be made there.</exception>
    internal SnapshotDisk(Disk below, string? where = null)
    {
        this.below = below;
        FileSizeSignal.Ignore();
        string folder = where ?? Path.TrimEndingDirectorySeparator(Path.GetTempPath());
        overlay = new HostFile(
            NamelessFile.CreateForSnapshot(folder), $"the changes to {below.Name} in {folder}", " (TMPDIR can name another folder)");
    }

    internal override string Name => below.Name;

    internal override long Size => below.Size;

    internal override bool IsReadOnly => false;

    internal override void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            // As many blocks as lie side by side, here or below.
            long end = offset + destination.Length, stop = NextBlock(offset);
            long? place = map.Find(offset / BlockSize);
            for (long? next = place + BlockSize; stop < end && map.Find(stop / BlockSize) == next; next += BlockSize)
                stop += BlockSize;
            Span<byte> part = destination[..(int)(Math.Min(stop, end) - offset)];
            if (place is { } here)
                overlay.Read(here + offset % BlockSize, part);
            else
                below.Read(offset, part);
            destination = destination[part.Length..];
            offset += part.Length;
        }
    }

    internal override void Write(long offset, ReadOnlySpan<byte> source)
    {
        while (source.Length > 0)
        {
            int count = (int)Math.Min(source.Length, LeftOfChunk(offset));
            WriteInChunk(offset, source[..count]);
            source = source[count..];
            offset += count;
        }
    }

    internal override void Flush()
    {
        // Nothing here outlives the process.
    }

    internal override void Discard(long offset, long length)
    {
        foreach ((long first, long count) in WholeBlocks(offset, length))
        {
            if (map.Remove(first, count) is { } place)
                _ = overlay.TryPunchHole(place, count * BlockSize); // else the host keeps them, which nobody reads
        }
    }

    internal override void WriteZeroes(long offset, long length, bool mayUnmap)
    {
        long done = offset;
        foreach ((long first, long count) in mayUnmap ? WholeBlocks(offset, length) : [])
        {
            if (!overlay.TryPunchHole(map.Reserve(first), count * BlockSize))
                break; // its file system has no holes
            FillWithZeroes(done, first * BlockSize);
            map.Add(first, count);
            done = Math.Min((first + count) * BlockSize, Size);
        }
        FillWithZeroes(done, offset + length);
    }

    public override void Dispose()
    {
        overlay.Dispose();
        below.Dispose();
    }

    private static long NextBlock(long offset) => (offset / BlockSize + 1) * BlockSize;

    private static long LeftOfChunk(long offset) => SnapshotMap.ChunkSize - offset % SnapshotMap.ChunkSize;

    // The blocks that lie in a range as a whole, chunk by chunk; the disk's last one may be a part of a block.
    private IEnumerable<(long First, long Count)> WholeBlocks(long offset, long length)
    {
        long at = offset % BlockSize == 0 ? offset : NextBlock(offset), end = offset + length;
        long stop = end == Size && end % BlockSize != 0 ? NextBlock(end) : end - end % BlockSize;
        while (at < stop)
        {
            long count = Math.Min(stop - at, LeftOfChunk(at));
            yield return (at / BlockSize, count / BlockSize);
            at += count;
        }
    }

    private void WriteInChunk(long offset, ReadOnlySpan<byte> source)
    {
        long end = offset + source.Length, first = offset / BlockSize, last = (end - 1) / BlockSize;
        if (offset % BlockSize != 0)
            CopyUp(first);
        if (end % BlockSize != 0 && end != Size)
            CopyUp(last);
        overlay.Write(map.Reserve(first) + offset % BlockSize, source);
        map.Add(first, last - first + 1);
    }

    private void CopyUp(long number)
    {
        if (map.Find(number) is not null)
            return;
        long start = number * BlockSize;
        Span<byte> bytes = block.AsSpan(0, (int)Math.Min(BlockSize, Size - start));
        below.Read(start, bytes);
        overlay.Write(map.Reserve(number), bytes);
        map.Add(number, 1);
    }

    private void FillWithZeroes(long offset, long end)
    {
        while (offset < end)
        {
            int count = (int)Math.Min(end - offset, Zeroes.Length);
            Write(offset, Zeroes.AsSpan(0, count));
            offset += count;
        }
    }
}
