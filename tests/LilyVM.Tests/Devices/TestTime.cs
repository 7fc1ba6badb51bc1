namespace LilyVM.Tests.Devices;

/// <summary>A clock that stands still, and timers that fire when told to.</summary>
internal sealed class TestTime(DateTimeOffset now) : TimeProvider
{
    private readonly List<Timer> timers = [];

    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(() => callback(state));
        timers.Add(timer);
        return timer;
    }

    /// <summary>Fires all timers that are armed.</summary>
    public int Fire()
    {
        List<Timer> armed = timers.FindAll(t => t.Armed);
        foreach (Timer timer in armed)
        {
            timer.Armed = false;
            timer.Callback();
        }
        return armed.Count;
    }

    private sealed class Timer(Action callback) : ITimer
    {
        public Action Callback { get; } = callback;

        public bool Armed { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Armed = dueTime != Timeout.InfiniteTimeSpan;
            return true;
        }

        public void Dispose() => Armed = false;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
