using LilyVM.Engines.User;

namespace LilyVM.Tests.Engines;

/// <summary>How long stubs are waited for that are to stop.</summary>
public sealed class StopClockTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SteppedTime time = new();
    private readonly StopClock clock;

    public StopClockTests() => clock = new(time);

    [Fact]
    public void Nobody_who_was_not_asked_is_overdue()
    {
        time.Now = StopClock.Patience * 2;
        Assert.Equal(Timeout.InfiniteTimeSpan, clock.Left());
    }

    [Fact]
    public void Patience_ends()
    {
        time.Now = StopClock.Patience * 2;
        clock.Ask();
        Assert.Equal(StopClock.Patience, clock.Left()); // it begins when somebody waits
        time.Now += Second;
        Assert.Equal(StopClock.Patience - Second, clock.Left());
        time.Now += StopClock.Patience;
        Assert.Equal(TimeSpan.Zero, clock.Left());
    }

    [Fact]
    public void Time_between_waits_is_not_theirs()
    {
        clock.Ask();
        clock.Left();
        time.Now += Second;
        clock.Left();
        time.Now += StopClock.Patience * 2;
        clock.Begin();
        Assert.Equal(StopClock.Patience - Second, clock.Left());
    }

    [Fact]
    public void An_answer_begins_it_anew()
    {
        clock.Ask();
        clock.Left();
        time.Now += Second;
        clock.Left();
        clock.Answered();
        Assert.Equal(Timeout.InfiniteTimeSpan, clock.Left());
        clock.Ask();
        Assert.Equal(StopClock.Patience, clock.Left());
    }

    private sealed class SteppedTime : TimeProvider
    {
        internal TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
