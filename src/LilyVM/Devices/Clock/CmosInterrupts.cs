namespace LilyVM.Devices.Clock;

/// <summary>
/// The flags of an MC146818A's register C and its interrupt: update ended, and alarm. The periodic interrupt, up to 8,192 times a second,
/// is not made. A host's timer runs only while the guest enabled one; flags that it polls are found when it looks.
/// </summary>
internal sealed class CmosInterrupts : IDisposable
{
    /// <summary>What register B can enable here, and the flags of register C in the same bits.</summary>
    internal const byte Sources = Alarm | UpdateEnded;

    private const byte Alarm = 0x20, UpdateEnded = 0x10, Requested = 0x80;
    private const byte DoNotCare = 0xC0; // of an alarm's byte: both bits set match everything
    private const long SecondsOfDay = 86_400; // after which alarms repeat

    private readonly CmosClock clock;
    private readonly IInterruptLine? line;
    private readonly ITimer timer;
    private readonly byte[] alarm = new byte[3]; // seconds, minutes, hours
    private byte enabled, flags;
    private long seen; // the last second that was looked at

    /// <summary>Creates them; <paramref name="elapsed"/> is called, on any thread, when <see cref="Update"/> has something to do.</summary>
    internal CmosInterrupts(CmosClock clock, TimeProvider time, IInterruptLine? line, Action elapsed)
    {
        this.clock = clock;
        this.line = line;
        seen = clock.Second;
        timer = time.CreateTimer(_ => elapsed(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A byte of the alarm: 0 is seconds, 1 minutes, 2 hours.</summary>
    internal byte GetAlarm(int index) => alarm[index];

    /// <inheritdoc cref="GetAlarm"/>
    internal void SetAlarm(int index, byte value)
    {
        Look();
        alarm[index] = value;
        Ask();
    }

    /// <summary>Sets what asks for an interrupt, bits of register B.</summary>
    internal void Enable(byte sources)
    {
        Look();
        enabled = sources;
        Ask();
    }

    /// <summary>The clock was set, stopped or started, which is no update.</summary>
    internal void Forget()
    {
        seen = clock.Second;
        Ask();
    }

    /// <summary>Register C, which reading clears.</summary>
    internal byte TakeFlags()
    {
        Look();
        byte value = (byte)(flags | (Asks ? Requested : 0));
        flags = 0;
        Ask();
        return value;
    }

    /// <summary>Looks whether there is something to ask an interrupt for, and does it.</summary>
    internal void Update()
    {
        Look();
        Ask();
    }

    public void Dispose() => timer.Dispose();

    private bool Asks => (flags & enabled) != 0;

    private void Look()
    {
        long now = clock.Second;
        if (clock.Runs && now > seen)
        {
            flags |= UpdateEnded;
            for (long second = Math.Max(seen + 1, now - SecondsOfDay + 1); second <= now && (flags & Alarm) == 0; second++)
                flags |= Matches(second) ? Alarm : (byte)0;
        }
        seen = now;
    }

    private void Ask()
    {
        line?.Set(Asks);
        // A millisecond after the update, as the host's timers run by another clock than its calendar.
        bool waits = clock.Runs && (enabled & ~flags) != 0;
        timer.Change(waits ? clock.UntilUpdate + TimeSpan.FromMilliseconds(1) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private bool Matches(long second)
    {
        (byte seconds, byte minutes, byte hours) = clock.TimeAt(second);
        return Matches(alarm[0], seconds) && Matches(alarm[1], minutes) && Matches(alarm[2], hours);
    }

    private static bool Matches(byte alarm, byte value) => alarm == value || (alarm & DoNotCare) == DoNotCare;
}
