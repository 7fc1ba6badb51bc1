namespace LilyVM.Devices;

/// <summary>
/// A device with 8-bit registers. Wider accesses become one access per byte, ascending, as the ISA bus does it; bytes behind the last
/// register read all ones.
/// </summary>
public abstract class ByteDevice : IDevice
{
    /// <inheritdoc/>
    public uint Read(uint offset, int width)
    {
        uint value = 0;
        for (int i = 0; i < width; i++)
            value |= (uint)ReadByte(offset + (uint)i) << (8 * i);
        return value;
    }

    /// <inheritdoc/>
    public void Write(uint offset, int width, uint value)
    {
        for (int i = 0; i < width; i++)
            WriteByte(offset + (uint)i, (byte)(value >> (8 * i)));
    }

    /// <summary>Reads one register; 0xFF for an offset that has none.</summary>
    protected abstract byte ReadByte(uint offset);

    /// <summary>Writes one register; nothing for an offset that has none.</summary>
    protected abstract void WriteByte(uint offset, byte value);
}
