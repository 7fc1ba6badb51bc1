using LilyVM.Devices;

namespace LilyVM.Tests.Devices;

public sealed class CmosInterruptsTests : IDisposable
{
    private const byte Set = 0x80, Periodic = 0x40, Alarm = 0x20, UpdateEnded = 0x10, Hours24 = 2, Requested = 0x80;

    private readonly TestTime time = new(new DateTimeOffset(2031, 12, 28, 23, 59, 48, TimeSpan.Zero));
    private readonly TestLine line = new();
    private readonly Cmos cmos;

    public CmosInterruptsTests() => cmos = new Cmos(time, line);

    public void Dispose() => cmos.Dispose();

    [Fact]
    public void Each_update_asks_until_C_is_read()
    {
        cmos.Out(0xB, UpdateEnded | Hours24);
        for (int i = 1; i < 4; i++)
        {
            Assert.False(line.Level);
            Pass(1);
            Assert.True(line.Level);
            Assert.Equal((uint)(Requested | UpdateEnded), cmos.In(0xC) & ~(uint)Alarm);
            Assert.Equal((i, 0u), (line.Rises, cmos.In(0xC)));
        }
    }

    [Fact]
    public void An_alarm_asks_at_its_second_of_each_day()
    {
        SetAlarm(0x50, 0x59, 0x23);
        cmos.Out(0xB, Alarm | Hours24);
        Pass(1);
        Assert.False(line.Level);
        Pass(1);
        Assert.True(line.Level);
        Assert.Equal((uint)(Requested | Alarm | UpdateEnded), cmos.In(0xC));
        Pass(86_399);
        Assert.False(line.Level);
        Pass(1);
        Assert.True(line.Level);
    }

    [Fact]
    public void Bytes_of_an_alarm_that_do_not_care_match_all()
    {
        SetAlarm(0x00, 0xC0, 0xFF);
        cmos.Out(0xB, Alarm | Hours24);
        Assert.Equal([12, 72, 132], Rises(180));
        SetAlarm(0xFF, 0xFF, 0xFF);
        Assert.Equal([1, 2, 3], Rises(3));
    }

    [Fact]
    public void An_alarm_is_in_the_form_of_the_time()
    {
        cmos.Out(0xB, Alarm | 4); // binary, 12 hours
        SetAlarm(50, 59, 0x8B);
        Assert.Equal([2], Rises(10));
        SetAlarm(5, 0, 12); // midnight
        Assert.Equal([7], Rises(10));
    }

    [Fact]
    public void Flags_are_there_to_be_polled_and_ask_once_they_are_enabled()
    {
        Assert.Equal(0, time.Fire());
        time.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(0u, cmos.In(0xC) & Requested);
        time.Now += TimeSpan.FromSeconds(1);
        Assert.False(line.Level);
        cmos.Out(0xB, UpdateEnded | Hours24);
        Assert.True(line.Level);
        cmos.Out(0xB, Hours24);
        Assert.False(line.Level);
        Assert.Equal(0, time.Fire());
    }

    [Fact]
    public void A_clock_that_stands_still_asks_for_nothing()
    {
        cmos.Out(0xB, UpdateEnded | Hours24);
        cmos.Out(0xB, Set | UpdateEnded | Alarm | Hours24);
        Assert.Equal(Set | Alarm | (uint)Hours24, cmos.In(0xB)); // SET clears UIE
        Assert.Empty(Rises(3));
        cmos.Out(0xB, UpdateEnded | Hours24);
        cmos.Out(0xA, 0x66);
        Assert.Empty(Rises(3));
        cmos.Out(0xA, 0x26);
        Assert.Equal([1, 2], Rises(2));
    }

    [Fact]
    public void Setting_the_time_is_no_update()
    {
        cmos.Out(0xB, UpdateEnded | Hours24);
        cmos.Out(2, 0x30);
        cmos.Out(9, 0x35);
        Assert.Equal((false, 0u), (line.Level, cmos.In(0xC)));
    }

    [Fact]
    public void There_is_no_periodic_interrupt()
    {
        cmos.Out(0xB, Periodic | Hours24);
        Assert.Equal(((uint)Hours24, 0), (cmos.In(0xB), time.Fire()));
    }

    [Fact]
    public void A_timer_that_fires_too_early_is_set_again()
    {
        cmos.Out(0xB, UpdateEnded | Hours24);
        Assert.Equal(1, time.Fire());
        Assert.False(line.Level);
        Pass(1);
        Assert.True(line.Level);
    }

    private int[] Rises(int seconds)
    {
        List<int> rises = [];
        for (int second = 1; second <= seconds; second++)
        {
            Pass(1);
            if (line.Level)
                rises.Add(second);
            cmos.In(0xC);
        }
        return [.. rises];
    }

    private void Pass(int seconds)
    {
        time.Now += TimeSpan.FromSeconds(seconds);
        time.Fire();
    }

    private void SetAlarm(byte seconds, byte minutes, byte hours)
    {
        cmos.Out(1, seconds);
        cmos.Out(3, minutes);
        cmos.Out(5, hours);
    }
}
