namespace LilyVM.Engines.User;

/// <summary>
/// How long stubs have not answered to a stop. A healthy one answers in milliseconds; one whose guest has jumped into its code, or
/// written over what they share, may never do so. Time in which the VM process itself is busy does not count.
/// </summary>
internal sealed class StopClock(TimeProvider time)
{
    /// <summary>What they are given: enough for a host that is out of breath.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private volatile bool isAsked;
    private long? last; // the vCPU's thread's, as are all but Ask
    private TimeSpan waited;

    /// <summary>Stubs were asked to stop. From any thread.</summary>
    internal void Ask() => isAsked = true;

    /// <summary>They have.</summary>
    internal void Answered()
    {
        isAsked = false;
        waited = TimeSpan.Zero;
        last = null;
    }

    /// <summary>The VM process begins to wait for them, or comes back to it.</summary>
    internal void Begin() => last = null;

    /// <summary>How long they may be waited for now, for ever if nobody asked; nothing is left if they are overdue.</summary>
    internal TimeSpan Left()
    {
        if (!isAsked)
            return Timeout.InfiniteTimeSpan;
        long now = time.GetTimestamp();
        if (last is { } before)
            waited += time.GetElapsedTime(before, now);
        last = now;
        return waited < Patience ? Patience - waited : TimeSpan.Zero;
    }
}
