namespace LilyVM.Bench.Results;

/// <summary>One run of a workload by a contender: what a run of the experiment is made of.</summary>
internal sealed record Cell
{
    public required string Contender { get; init; }

    public required string Workload { get; init; }

    /// <summary>From 1.</summary>
    public required int Repetition { get; init; }

    /// <summary>Unit of the rows.</summary>
    public required string Unit { get; init; }

    /// <summary>The values of each row; of a row of the micro set, one for each round.</summary>
    public IReadOnlyDictionary<string, double[]> Rows { get; init; } = new Dictionary<string, double[]>();

    /// <summary>Why there are none, as a sentence's end.</summary>
    public string? Failure { get; init; }

    /// <summary>The host's load average over a minute when it began.</summary>
    public double Load { get; init; }

    /// <summary>Seconds that it took, start and end of the contender included.</summary>
    public double Seconds { get; init; }

    /// <summary>The guest's seconds for one of the host's, where the run was long enough to tell.</summary>
    public double? ClockRatio { get; init; }

    /// <summary>
    /// Of a turn that was done again because the first time it differed from the others: how many times their middle that took.
    /// </summary>
    public double? FirstTimes { get; init; }

    /// <summary>Whether it differed so from the others that it was done again; then it is kept but does not count.</summary>
    public bool IsReplaced { get; init; }

    /// <summary>What the engine counted.</summary>
    public IReadOnlyDictionary<string, long> Counters { get; init; } = new Dictionary<string, long>();
}
