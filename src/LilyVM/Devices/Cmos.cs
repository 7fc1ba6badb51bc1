namespace LilyVM.Devices;

/// <summary>
/// The clock and its battery-backed bytes (Motorola MC146818A), at an index port (offset 0) and a data port (offset 1). Hours run from 0 to 23
/// only, the century is at 0x32, an update is never in progress. It makes no interrupts: neither periodic nor alarm nor update-ended.
/// </summary>
public sealed class Cmos : ByteDevice
{
    /// <summary>Number of ports.</summary>
    public const uint Length = 2;

    private const byte Seconds = 0, Minutes = 2, Hours = 4, DayOfWeek = 6, Day = 7, Month = 8, Year = 9, Century = 0x32;
    private const byte StatusA = 10, StatusB = 11, StatusC = 12, StatusD = 13;
    private const byte TimeBase32768 = 0x26, Set = 0x80, Binary = 4, Hours24 = 2, ValidRam = 0x80;

    private readonly TimeProvider time;
    private readonly byte[] ram = new byte[128];
    private readonly byte[] stopped = new byte[128]; // the clock's values (not BCD) while Set stops it
    private TimeSpan difference; // between the guest's clock and the host's
    private byte index, statusB = Hours24;

    /// <summary>Creates the clock at the host's time (UTC).</summary>
    public Cmos(TimeProvider time) => this.time = time;

    /// <inheritdoc/>
    protected override byte ReadByte(uint offset)
    {
        if (offset != 1)
            return 0xFF; // the index is write-only
        return index switch
        {
            StatusA => TimeBase32768,
            StatusB => statusB,
            StatusC => 0,
            StatusD => ValidRam,
            _ when IsTime(index) => Encode((statusB & Set) != 0 ? stopped[index] : Value(Now, index)),
            _ => ram[index],
        };
    }

    /// <inheritdoc/>
    protected override void WriteByte(uint offset, byte value)
    {
        if (offset == 0)
            index = (byte)(value & 0x7F); // bit 7 masks NMIs, of which there are none
        else if (offset == 1 && index == StatusB)
            SetStatusB(value);
        else if (offset == 1 && IsTime(index))
            SetTime(value);
        else if (offset == 1 && index is not (StatusA or StatusC or StatusD))
            ram[index] = value;
    }

    private DateTime Now => (time.GetUtcNow() + difference).UtcDateTime;

    private static bool IsTime(byte index) => index is Seconds or Minutes or Hours or DayOfWeek or Day or Month or Year or Century;

    private static byte Value(DateTime now, byte index) => (byte)(index switch
    {
        Seconds => now.Second,
        Minutes => now.Minute,
        Hours => now.Hour,
        DayOfWeek => (int)now.DayOfWeek + 1, // 1 is Sunday
        Day => now.Day,
        Month => now.Month,
        Year => now.Year % 100,
        _ => now.Year / 100,
    });

    private byte Encode(byte value) => (statusB & Binary) != 0 ? value : (byte)(value / 10 * 16 + value % 10);

    private byte Decode(byte value) => (statusB & Binary) != 0 ? value : (byte)(value / 16 * 10 + value % 16);

    private void SetStatusB(byte value)
    {
        bool was = (statusB & Set) != 0;
        statusB = (byte)((value & ~(byte)0x70) | Hours24); // interrupt enables stay clear
        if (!was && (statusB & Set) != 0)
            Stop();
        else if (was && (statusB & Set) == 0)
            Start();
    }

    private void SetTime(byte value)
    {
        bool running = (statusB & Set) == 0;
        if (running)
            Stop();
        stopped[index] = Decode(value);
        if (running)
            Start();
    }

    private void Stop()
    {
        DateTime now = Now;
        foreach (byte i in (ReadOnlySpan<byte>)[Seconds, Minutes, Hours, DayOfWeek, Day, Month, Year, Century])
            stopped[i] = Value(now, i);
    }

    // A date that does not exist leaves the clock as it was.
    private void Start()
    {
        int year = stopped[Century] * 100 + stopped[Year];
        if (year is < 1 or > 9998 || stopped[Month] is < 1 or > 12 || stopped[Day] < 1 || stopped[Day] > DateTime.DaysInMonth(year, stopped[Month])
            || stopped[Hours] > 23 || stopped[Minutes] > 59 || stopped[Seconds] > 59)
            return;
        var set = new DateTimeOffset(year, stopped[Month], stopped[Day], stopped[Hours], stopped[Minutes], stopped[Seconds], TimeSpan.Zero);
        difference = set - time.GetUtcNow();
    }
}
