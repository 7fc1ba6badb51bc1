using System.Diagnostics;

namespace LilyVM.Boot;

/// <summary>
/// Measures the frequency of the time stamp counter against the host's clock while other work is done. The guest reads the same counter, so
/// it needs no slow measurement of its own against the 8254.
/// </summary>
internal sealed class TscClock
{
    // An error of 50 ns at either end is then 20 parts in a million or less.
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(5);

    private readonly (long Time, ulong Tsc) start = Sample();

    /// <summary>Cycles per millisecond since this object was made; waits a little if that was just now.</summary>
    internal uint KiloHertz()
    {
        TimeSpan missing = Least - Stopwatch.GetElapsedTime(start.Time);
        if (missing > TimeSpan.Zero)
            Thread.Sleep(missing);
        (long time, ulong tsc) = Sample();
        return (uint)((tsc - start.Tsc) * (UInt128)Stopwatch.Frequency / (ulong)(time - start.Time) / 1000);
    }

    // Of some samples the one between whose two clock readings least time passed: nothing came in between.
    private static (long Time, ulong Tsc) Sample()
    {
        (long Time, ulong Tsc) best = default;
        long shortest = long.MaxValue;
        for (int i = 0; i < 8; i++)
        {
            long before = Stopwatch.GetTimestamp();
            ulong tsc = HostInstructions.Rdtsc();
            long after = Stopwatch.GetTimestamp();
            if (after - before < shortest)
                (shortest, best) = (after - before, (before + (after - before) / 2, tsc));
        }
        return best;
    }
}
