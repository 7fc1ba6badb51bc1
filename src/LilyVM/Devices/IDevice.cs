namespace LilyVM.Devices;

/// <summary>
/// A device behind a range of ports or guest physical addresses. It does not know where that range is. All calls come from the vCPU thread.
/// </summary>
public interface IDevice
{
    /// <summary>
    /// Reads <paramref name="width"/> (1, 2 or 4) bytes at an offset into the range. Whatever the device does not answer reads as all ones.
    /// </summary>
    uint Read(uint offset, int width);

    /// <summary>Writes the low <paramref name="width"/> bytes of <paramref name="value"/> at an offset into the range.</summary>
    void Write(uint offset, int width, uint value);
}

/// <summary>An output of a device that asks for interrupts. Any thread may set it.</summary>
public interface IInterruptLine
{
    /// <summary>Sets the line.</summary>
    void Set(bool level);
}
