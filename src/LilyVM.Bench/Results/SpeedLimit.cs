namespace LilyVM.Bench.Results;

/// <summary>How a row stands to its limit.</summary>
internal enum SpeedVerdict
{
    /// <summary>It, or what it is compared with, was not measured.</summary>
    Unknown,

    /// <summary>As good as is aimed at.</summary>
    Aim,

    /// <summary>As good as it must be.</summary>
    Met,

    /// <summary>Not as good.</summary>
    Missed,
}

/// <summary>
/// What the user engine must reach in a row, and what it aims at. The report says how it stands; no exit status does, for the figures are
/// those of one host in one hour.
/// </summary>
/// <param name="What">The row in words.</param>
/// <param name="Row">The row.</param>
/// <param name="Must">The limit: times what the measure takes, or without a measure in the row's own unit.</param>
/// <param name="Aim">The aim.</param>
/// <param name="Measure">The contender it is compared with; null for the row's own figure.</param>
internal sealed record SpeedLimit(string What, string Row, double Must, double Aim, string? Measure = HostItself.TheName)
{
    // Half of the last digit that the limits are given with.
    private const double Tolerance = 0.005;

    private static readonly SpeedLimit[] OfX64 =
    [
        new("CPU loop, integers", "cpu-integer", 1.03, 1), new("CPU loop, division", "cpu-divide", 1.03, 1),
        new("CPU loop, x87", "fpu-x87", 1.03, 1), new("CPU loop, SSE2", "fpu-sse2", 1.03, 1),
        new("reading memory, large pages on both sides", "memory-read-large", 1.03, 1),
        new("writing memory, large pages on both sides", "memory-write-large", 1.03, 1),
        new("copying memory, large pages on both sides", "memory-copy-large", 1.03, 1),
        new("getppid", "null-call", 0.05, 0.02), new("read of 4 KiB", "read-4K", 0.2, 0.1), new("open and close", "open-close", 0.2, 0.1),
        new("first touch of memory by a plain program", "page-fault-plain", 0.1, 0.03),
        new("first touch of memory in pages of 4 KiB", "page-fault-anon", 2, 1.5),
        new("pipe round trip of two processes", "pipe-round-trip", 1.5, 1),
        new("fork and exit", "fork-exit", 0.7, 0.5), new("fork and exec", "fork-exec", 1, 0.9),
        new("200 shell iterations", ShellWorkload.Forks, 1, 0.8),
        new("compilation", CompileWorkload.TheName, 1, 0.85),
        new("compilation, natively with large pages", CompileWorkload.TheName, 1, 0.85, HostItself.WithLargePages),
        new("start to the end of a script, s", BootWorkload.ToEnd, 0.3, 0.15, null),
        new("memory of the host beyond guest RAM, MiB", MemoryWorkload.Most.Name + MemoryWorkload.BeyondRam, 60, 40, null),
    ];

    /// <summary>Those of an architecture's guests; of i386 none are set here, only in the lab.</summary>
    internal static IReadOnlyList<SpeedLimit> Of(BenchTarget target) => target == BenchTarget.X64 ? OfX64 : [];

    /// <summary>What the user engine reached, in the limit's terms; null if that cannot be told.</summary>
    internal double? Reached(ExperimentResults results)
    {
        if (results.Rows.FirstOrDefault(r => r.Name == Row) is not { } row)
            return null;
        return Measure is { } measure ? row.Ratio(LilyVMEngine.User, measure) : row.Values.GetValueOrDefault(LilyVMEngine.User)?.Median;
    }

    /// <summary>How that stands to the limit.</summary>
    internal SpeedVerdict Verdict(ExperimentResults results) => Reached(results) switch
    {
        null => SpeedVerdict.Unknown,
        { } reached when reached <= Aim + Tolerance => SpeedVerdict.Aim,
        { } reached when reached <= Must + Tolerance => SpeedVerdict.Met,
        _ => SpeedVerdict.Missed,
    };
}
