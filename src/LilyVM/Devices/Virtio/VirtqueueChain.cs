using LilyVM.Memory;

namespace LilyVM.Devices.Virtio;

/// <summary>
/// One request of a driver: bytes that the device reads, then bytes that it writes, scattered over guest RAM. Neighbouring pieces are
/// joined. The addresses were checked against RAM when the chain was read; the guest may change the bytes at any time, never the addresses.
/// </summary>
internal sealed class VirtqueueChain(GuestRam ram)
{
    private readonly List<Segment> readable = [], writable = [];
    private Cursor reading, writing;

    /// <summary>Index of the first descriptor, by which the driver knows the request.</summary>
    internal ushort Head { get; private set; }

    /// <summary>Bytes left to read.</summary>
    internal ulong ReadableLeft { get; private set; }

    /// <summary>Bytes left to write.</summary>
    internal ulong WritableLeft { get; private set; }

    /// <summary>Bytes handed out for writing so far.</summary>
    internal uint Written { get; private set; }

    internal void Clear(ushort head)
    {
        readable.Clear();
        writable.Clear();
        reading = writing = default;
        Head = head;
        ReadableLeft = WritableLeft = 0;
        Written = 0;
    }

    /// <summary>Adds a piece; false if not all of it is RAM.</summary>
    internal bool TryAdd(ulong address, uint length, bool forWriting)
    {
        if (!ram.TryGetSpan(address, length, out _))
            return false;
        List<Segment> list = forWriting ? writable : readable;
        if (list.Count > 0 && list[^1].Address + list[^1].Length == address && list[^1].Length + (ulong)length <= int.MaxValue)
            list[^1] = new Segment(list[^1].Address, list[^1].Length + length);
        else
            list.Add(new Segment(address, length));
        if (forWriting)
            WritableLeft += length;
        else
            ReadableLeft += length;
        return true;
    }

    /// <summary>The next bytes to read, at most <paramref name="most"/> and as many as lie together; empty at the end.</summary>
    internal ReadOnlySpan<byte> NextReadable(ulong most)
    {
        Span<byte> bytes = Next(readable, ref reading, most);
        ReadableLeft -= (ulong)bytes.Length;
        return bytes;
    }

    /// <summary>The next bytes to write, at most <paramref name="most"/> and as many as lie together; empty at the end.</summary>
    internal Span<byte> NextWritable(ulong most)
    {
        Span<byte> bytes = Next(writable, ref writing, most);
        WritableLeft -= (ulong)bytes.Length;
        Written += (uint)bytes.Length;
        return bytes;
    }

    /// <summary>Copies the next bytes; false if there are too few.</summary>
    internal bool TryRead(Span<byte> destination)
    {
        if (ReadableLeft < (ulong)destination.Length)
            return false;
        while (destination.Length > 0)
        {
            ReadOnlySpan<byte> bytes = NextReadable((ulong)destination.Length);
            bytes.CopyTo(destination);
            destination = destination[bytes.Length..];
        }
        return true;
    }

    private Span<byte> Next(List<Segment> list, ref Cursor cursor, ulong most)
    {
        while (cursor.Index < list.Count && cursor.Offset == list[cursor.Index].Length)
            cursor = new Cursor(cursor.Index + 1, 0);
        if (cursor.Index == list.Count)
            return default;
        Segment segment = list[cursor.Index];
        uint length = (uint)Math.Min(most, segment.Length - cursor.Offset);
        ram.TryGetSpan(segment.Address + cursor.Offset, length, out Span<byte> bytes);
        cursor = new Cursor(cursor.Index, cursor.Offset + length);
        return bytes;
    }

    private readonly record struct Segment(ulong Address, uint Length);

    private readonly record struct Cursor(int Index, uint Offset);
}
