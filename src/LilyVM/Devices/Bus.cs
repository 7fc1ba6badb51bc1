namespace LilyVM.Devices;

/// <summary>
/// A space of addresses (ports, or guest physical memory that is not RAM) and the devices in it. Devices are mapped before the guest
/// starts; accesses come from the vCPU thread and allocate nothing.
/// </summary>
public sealed class Bus
{
    private Range[] ranges = []; // ascending, disjoint

    /// <summary>Puts a device at <paramref name="length"/> addresses from <paramref name="start"/> on.</summary>
    /// <exception cref="ArgumentException">The range is empty, wraps around, or overlaps another one.</exception>
    public void Map(uint start, uint length, IDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (length == 0 || length - 1 > uint.MaxValue - start)
            throw new ArgumentException($"No range starts at {start:X} and has {length:X} addresses.", nameof(length));
        uint last = start + length - 1;
        foreach (Range range in ranges)
        {
            if (start <= range.Last && range.Start <= last)
                throw new ArgumentException($"{start:X} to {last:X} overlaps {range.Start:X} to {range.Last:X}.", nameof(start));
        }
        ranges = [.. ranges.Append(new Range(start, last, device)).OrderBy(r => r.Start)];
    }

    /// <summary>
    /// Reads <paramref name="width"/> (1, 2 or 4) bytes. An access that does not lie within one device's range has no taker and reads all
    /// ones.
    /// </summary>
    public uint Read(uint address, int width) => Find(address, width, out uint offset)?.Read(offset, width) ?? Ones(width);

    /// <summary>Writes the low <paramref name="width"/> bytes. An access that does not lie within one device's range is dropped.</summary>
    public void Write(uint address, int width, uint value) => Find(address, width, out uint offset)?.Write(offset, width, value);

    /// <summary>What a read of <paramref name="width"/> bytes that nobody answers returns: all ones.</summary>
    public static uint Ones(int width) => width switch { 1 => 0xFF, 2 => 0xFFFF, _ => 0xFFFF_FFFF };

    private IDevice? Find(uint address, int width, out uint offset)
    {
        int low = 0, high = ranges.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            ref readonly Range range = ref ranges[middle];
            if (address < range.Start)
                high = middle - 1;
            else if (address > range.Last)
                low = middle + 1;
            else
            {
                offset = address - range.Start;
                return (uint)(width - 1) <= range.Last - address ? range.Device : null;
            }
        }
        offset = 0;
        return null;
    }

    private readonly record struct Range(uint Start, uint Last, IDevice Device);
}
