using LilyVM.Hypervisor.Shared;

namespace LilyVM.Memory;

/// <summary>
/// Guest RAM: one memory file, mapped here and by the engine. Addresses are guest physical and come from the guest, so every access is
/// checked.
/// </summary>
public sealed unsafe class GuestRam
{
    private readonly byte* start;

    internal GuestRam(byte* start, ulong size)
    {
        this.start = start;
        Size = size;
    }

    /// <summary>Bytes, a multiple of 4 KiB.</summary>
    public ulong Size { get; }

    /// <summary>
    /// Where it ends. With more than 3 GiB that is more than <see cref="Size"/>, for what lies between 3 and 4 GiB belongs to devices.
    /// </summary>
    public ulong End => RamHole.EndOf(Size);

    /// <summary>The bytes at a guest physical address; false if not all of them are RAM.</summary>
    public bool TryGetSpan(ulong address, ulong length, out Span<byte> span)
    {
        bool inside = Holds(address, length) && length <= int.MaxValue;
        span = inside ? new Span<byte>(start + address, (int)length) : default;
        return inside;
    }

    /// <summary>As a pointer, for system calls on behalf of block devices; null if not all bytes are RAM.</summary>
    internal byte* Pointer(ulong address, ulong length) => Holds(address, length) ? start + address : null;

    // Of its two parts, one holds all bytes. The engine owns the mapping for its life time, and End bytes of it exist.
    private bool Holds(ulong address, ulong length) =>
        IsWithin(address, length, 0, Math.Min(Size, RamHole.Start)) || IsWithin(address, length, RamHole.End, End);

    private static bool IsWithin(ulong address, ulong length, ulong start, ulong end) =>
        address >= start && address <= end && length <= end - address;
}
