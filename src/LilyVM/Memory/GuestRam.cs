namespace LilyVM.Memory;

/// <summary>
/// Guest RAM: one memfd, mapped here and by the engine. Addresses are guest physical and come from the guest, so every access is checked.
/// </summary>
public sealed unsafe class GuestRam
{
    private readonly byte* start;

    internal GuestRam(byte* start, uint size)
    {
        this.start = start;
        Size = size;
    }

    /// <summary>Bytes, a multiple of 4 KiB.</summary>
    public uint Size { get; }

    /// <summary>The bytes at a guest physical address; false if not all of them are RAM.</summary>
    public bool TryGetSpan(ulong address, ulong length, out Span<byte> span)
    {
        // The engine owns the mapping for its life time, and Size bytes of it exist.
        bool inside = address <= Size && length <= Size - address && length <= int.MaxValue;
        span = inside ? new Span<byte>(start + address, (int)length) : default;
        return inside;
    }

    /// <summary>As a pointer, for system calls on behalf of block devices; null if not all bytes are RAM.</summary>
    internal byte* Pointer(ulong address, ulong length) => address <= Size && length <= Size - address ? start + address : null;
}
