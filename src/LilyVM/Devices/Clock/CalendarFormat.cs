namespace LilyVM.Devices.Clock;

/// <summary>How an MC146818A shows its counters: bits DM and 24/12 of register B.</summary>
internal readonly record struct CalendarFormat(bool Binary, bool Hours24)
{
    /// <summary>What a byte that is no number stands for: more than any counter reaches.</summary>
    internal const int NoNumber = 256;

    private const byte Afternoon = 0x80;

    /// <summary>The byte of a number below 100.</summary>
    internal byte Encode(int value) => (byte)(Binary ? value : value / 10 * 16 + value % 10);

    /// <summary>The number of a byte.</summary>
    internal int Decode(byte value) => Binary ? value : value % 16 > 9 || value / 16 > 9 ? NoNumber : value / 16 * 10 + value % 16;

    /// <summary>The byte of an hour, 0 to 23; with 12 hours midnight is 12 in the morning and noon 12 in the afternoon.</summary>
    internal byte EncodeHour(int hour) => Hours24 ? Encode(hour) : (byte)(Encode((hour + 11) % 12 + 1) | (hour < 12 ? 0 : Afternoon));

    /// <summary>The hour of a byte.</summary>
    internal int DecodeHour(byte value)
    {
        if (Hours24)
            return Decode(value);
        int hour = Decode((byte)(value & ~Afternoon));
        return hour is < 1 or > 12 ? NoNumber : hour % 12 + ((value & Afternoon) == 0 ? 0 : 12);
    }
}
