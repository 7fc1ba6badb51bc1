using LilyVM.Hypervisor.Shared;

namespace LilyVM.Memory;

/// <summary>
/// Guest RAM: one memory file, mapped here and by the engine. Addresses are guest physical and come from the guest, so every access is
/// checked.
/// </summary>
public sealed unsafe class GuestRam
{
    private readonly byte* start;

    internal GuestRam(byte* start, ulong size, int descriptor = -1)
    {
        this.start = start;
        Size = size;
        Descriptor = descriptor;
    }

    /// <summary>The file's descriptor; a place in the file is a guest physical address. -1 if other processes cannot have it.</summary>
    internal int Descriptor { get; }

    /// <summary>The one or two stretches of guest physical addresses that are RAM.</summary>
    internal IReadOnlyList<RamPart> Parts => Size <= RamHole.Start
        ? [new RamPart(0, Size)]
        : [new RamPart(0, RamHole.Start), new RamPart(RamHole.End, Size - RamHole.Start)];

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

/// <summary>A stretch of guest RAM.</summary>
/// <param name="Address">Guest physical address.</param>
/// <param name="Size">Bytes.</param>
internal readonly record struct RamPart(ulong Address, ulong Size);
