namespace LilyVM.Devices.Clock;

/// <summary>
/// The time of an MC146818A. It follows the host's clock at a distance that is 0 until the guest sets another time, so it makes the host's
/// steps and goes on through its sleep. While it stands still, or shows what is no date, its registers are bytes as the guest wrote them.
/// </summary>
internal sealed class CmosClock(TimeProvider time)
{
    // The data sheet's update cycle with a time base of 32,768 Hz: 1,984 microseconds, and UIP is set 244 before.
    private const long UpdateCycle = (1984 + 244) * TimeSpan.TicksPerMicrosecond;

    // The registers in their order, and two of them by their place in it.
    private const int Hour = 2, Weekday = 3;

    private readonly byte[] bytes = new byte[Registers.Length];
    private State state;
    private TimeSpan distance; // of our clock from the host's; their difference in parts of a second stays when the guest sets the time
    private long counted; // while there is no date: the second at which the bytes are right
    private int weekdayShift; // days that the guest's weeks are ahead of the calendar's
    private bool weekdayIsTheGuests;
    private int written; // registers that the guest wrote since the clock followed the host's, one bit each
    private CalendarFormat format = new(Binary: false, Hours24: true);

    private enum State
    {
        Following,
        WithoutDate, // runs, but some counter has a value that no date has
        Stopped,
    }

    /// <summary>
    /// How the counters show. What the guest wrote into a clock that stands still is bytes, which mean something else in another form.
    /// </summary>
    internal CalendarFormat Format
    {
        get => format;
        set
        {
            CountOn();
            CalendarCounters counters = Decode();
            format = value;
            for (int i = 0; i < bytes.Length; i++)
            {
                if ((written >> i & 1) == 0)
                    bytes[i] = Encode(counters, i);
            }
        }
    }

    /// <summary>Whether it runs.</summary>
    internal bool Runs => state != State.Stopped;

    /// <summary>The number of the second that it shows: one more at each update.</summary>
    internal long Second => Ticks / TimeSpan.TicksPerSecond;

    /// <summary>Time until the next update.</summary>
    internal TimeSpan UntilUpdate => TimeSpan.FromTicks(TimeSpan.TicksPerSecond - Ticks % TimeSpan.TicksPerSecond);

    /// <summary>Whether the bytes may change soon. They do not before the bit goes, and then all at once.</summary>
    internal bool IsUpdating => Runs && UntilUpdate.Ticks <= UpdateCycle;

    // Seconds, minutes, hours, day of the week, day, month, year; the century is where PCs have it.
    private static ReadOnlySpan<byte> Registers => [0, 2, 4, 6, 7, 8, 9, 0x32];

    private long Ticks => Math.Clamp(time.GetUtcNow().UtcTicks + distance.Ticks, 0, DateTime.MaxValue.Ticks);

    /// <summary>Whether a register is one of the clock's.</summary>
    internal static bool Has(byte register) => Registers.Contains(register);

    /// <summary>A register now.</summary>
    internal byte Read(byte register)
    {
        CountOn();
        return state == State.Following ? Encode(CountersAt(Second), Registers.IndexOf(register)) : bytes[Registers.IndexOf(register)];
    }

    /// <summary>Seconds, minutes and hours at a second of the past; while there is no date, now.</summary>
    internal (byte Seconds, byte Minutes, byte Hours) TimeAt(long second)
    {
        CountOn();
        if (state != State.Following)
            return (bytes[0], bytes[1], bytes[Hour]);
        return (format.Encode((int)(second % 60)), format.Encode((int)(second / 60 % 60)), format.EncodeHour((int)(second / 3600 % 24)));
    }

    /// <summary>Sets a register. It keeps what no date has until its counter counts on.</summary>
    internal void Write(byte register, byte value)
    {
        Keep();
        int index = Registers.IndexOf(register);
        bytes[index] = value;
        written |= 1 << index;
        weekdayIsTheGuests |= index == Weekday;
        if (Runs)
            Follow();
    }

    /// <summary>Stops it.</summary>
    internal void Stop()
    {
        Keep();
        state = State.Stopped;
    }

    /// <summary>Lets it go on, from what its registers hold.</summary>
    internal void Start()
    {
        if (!Runs)
            Follow();
    }

    /// <summary>Lets half a second pass until the next update, as at the end of a reset of the divider.</summary>
    internal void ResetDivider() => distance += UntilUpdate - TimeSpan.FromMilliseconds(500);

    private void Keep()
    {
        CountOn();
        if (state != State.Following)
            return;
        written = 0;
        CalendarCounters now = CountersAt(Second);
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = Encode(now, i);
    }

    private void Follow()
    {
        CalendarCounters counters = Decode();
        counted = Second;
        state = counters.ToSecond() is null ? State.WithoutDate : State.Following;
        if (counters.ToSecond() is not { } second)
            return;
        distance += TimeSpan.FromSeconds(second - counted);
        weekdayShift = weekdayIsTheGuests ? counters.Weekday - CalendarCounters.At(second).Weekday : 0;
    }

    private void CountOn()
    {
        if (state != State.WithoutDate)
            return;
        long now = Second;
        CalendarCounters before = Decode(), after = before.After(Math.Max(now - counted, 0));
        counted = now;
        if (before == after)
            return;
        for (int i = 0; i < bytes.Length; i++)
        {
            if (Number(before, i) != Number(after, i))
                bytes[i] = Encode(after, i);
        }
        Follow();
    }

    private CalendarCounters CountersAt(long second)
    {
        CalendarCounters counters = CalendarCounters.At(second);
        return counters with { Weekday = (counters.Weekday + weekdayShift + 6) % 7 + 1 };
    }

    private CalendarCounters Decode() => new(
        format.Decode(bytes[0]), format.Decode(bytes[1]), format.DecodeHour(bytes[Hour]), format.Decode(bytes[Weekday]),
        format.Decode(bytes[4]), format.Decode(bytes[5]), format.Decode(bytes[6]), format.Decode(bytes[7]));

    private byte Encode(CalendarCounters counters, int index) =>
        index == Hour ? format.EncodeHour(counters.Hour) : format.Encode(Number(counters, index));

    private static int Number(CalendarCounters counters, int index) => index switch
    {
        0 => counters.Second,
        1 => counters.Minute,
        Hour => counters.Hour,
        Weekday => counters.Weekday,
        4 => counters.Day,
        5 => counters.Month,
        6 => counters.Year,
        _ => counters.Century,
    };
}
