namespace LilyVM.Devices;

/// <summary>Port 0x92 of a PS/2: bit 0 resets the machine, bit 1 (A20) is kept and has no effect.</summary>
public sealed class FastA20Port(Action reset) : ByteDevice
{
    /// <summary>Number of ports.</summary>
    public const uint Length = 1;

    private const byte FastReset = 1, A20 = 2;
    private byte value = A20;

    /// <inheritdoc/>
    protected override byte ReadByte(uint offset) => offset == 0 ? value : (byte)0xFF;

    /// <inheritdoc/>
    protected override void WriteByte(uint offset, byte value)
    {
        if (offset != 0)
            return;
        this.value = (byte)(value & A20);
        if ((value & FastReset) != 0)
            reset();
    }
}

/// <summary>Port 0xCF9 of a PC (Intel PIIX3 data sheet, reset control register): a rise of bit 2 resets the machine.</summary>
public sealed class ResetControlPort(Action reset) : ByteDevice
{
    /// <summary>Number of ports.</summary>
    public const uint Length = 1;

    private const byte ResetCpu = 4, Kept = 0b1110;
    private byte value;

    /// <inheritdoc/>
    protected override byte ReadByte(uint offset) => offset == 0 ? value : (byte)0xFF;

    /// <inheritdoc/>
    protected override void WriteByte(uint offset, byte value)
    {
        if (offset != 0)
            return;
        bool rises = (value & ~this.value & ResetCpu) != 0;
        this.value = (byte)(value & Kept);
        if (rises)
            reset();
    }
}

/// <summary>
/// The command port (0x64) of an 8042 keyboard controller without a keyboard: command 0xFE pulses the reset line; the status is always 0.
/// </summary>
public sealed class KeyboardControllerPort(Action reset) : ByteDevice
{
    /// <summary>Number of ports.</summary>
    public const uint Length = 1;

    private const byte PulseReset = 0xFE;

    /// <inheritdoc/>
    protected override byte ReadByte(uint offset) => offset == 0 ? (byte)0 : (byte)0xFF;

    /// <inheritdoc/>
    protected override void WriteByte(uint offset, byte value)
    {
        if (offset == 0 && value == PulseReset)
            reset();
    }
}

/// <summary>
/// The power management control register of a PC as QEMU makes one (ACPI 6.4, 4.8.3.2.1; PM1 control, port 0x604): sleep enable with sleep
/// type 0, which is S5 there, powers off. It keeps nothing else, for there is no ACPI.
/// </summary>
public sealed class PowerOffPort(Action powerOff) : IDevice
{
    /// <summary>Number of ports.</summary>
    public const uint Length = 2;

    private const uint SleepEnable = 1 << 13, SleepType = 7 << 10;

    /// <inheritdoc/>
    public uint Read(uint offset, int width) => offset == 0 && width == 2 ? 0 : Bus.Ones(width);

    /// <inheritdoc/>
    public void Write(uint offset, int width, uint value)
    {
        if (offset == 0 && width == 2 && (value & (SleepEnable | SleepType)) == SleepEnable)
            powerOff();
    }
}

/// <summary>
/// QEMU's pvpanic device (docs/specs/pvpanic, port 0x505): a guest tells that its kernel panicked by bit 0. It reads what it understands.
/// </summary>
public sealed class PanicPort(Action panic) : ByteDevice
{
    /// <summary>Number of ports.</summary>
    public const uint Length = 1;

    private const byte Panicked = 1;

    /// <inheritdoc/>
    protected override byte ReadByte(uint offset) => offset == 0 ? Panicked : (byte)0xFF;

    /// <inheritdoc/>
    protected override void WriteByte(uint offset, byte value)
    {
        if (offset == 0 && (value & Panicked) != 0)
            panic();
    }
}

/// <summary>A port (0xF4) at which a test guest ends with a status. It reads all ones.</summary>
public sealed class TestExitPort(Action<byte> exit) : ByteDevice
{
    /// <summary>Number of ports.</summary>
    public const uint Length = 1;

    /// <inheritdoc/>
    protected override byte ReadByte(uint offset) => 0xFF;

    /// <inheritdoc/>
    protected override void WriteByte(uint offset, byte value)
    {
        if (offset == 0)
            exit(value);
    }
}
