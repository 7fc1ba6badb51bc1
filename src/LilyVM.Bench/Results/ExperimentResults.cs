namespace LilyVM.Bench.Results;

/// <summary>A row of the result: one thing measured, for each contender.</summary>
/// <param name="Workload">The workload it is part of.</param>
/// <param name="Name">Its name.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Values">Statistics by contender.</param>
internal sealed record ResultRow(string Workload, string Name, string Unit, IReadOnlyDictionary<string, Statistics> Values)
{
    /// <summary>How many times what the host takes; null if either is missing, or the host takes nothing.</summary>
    internal double? Ratio(string contender, string measure = HostItself.TheName) => Ratio(contender, measure, s => s.Median);

    /// <summary>The same of the least values: what other work on the host adds is not in them, nor what comes seldom.</summary>
    internal double? RatioOfMinima(string contender, string measure = HostItself.TheName) => Ratio(contender, measure, s => s.Minimum);

    private double? Ratio(string contender, string measure, Func<Statistics, double> value) =>
        Values.TryGetValue(contender, out Statistics? its) && Values.TryGetValue(measure, out Statistics? other) && value(other) > 0
            ? value(its) / value(other)
            : null;
}

/// <summary>All that an experiment found out.</summary>
/// <param name="Target">The architecture of the guests.</param>
/// <param name="Cells">The raw figures.</param>
/// <param name="Contenders">Who took part, and what they are.</param>
/// <param name="Skipped">Who did not, and why.</param>
/// <param name="Host">Where.</param>
internal sealed record ExperimentResults(
    BenchTarget Target,
    IReadOnlyList<Cell> Cells,
    IReadOnlyList<(string Name, string Description)> Contenders,
    IReadOnlyDictionary<string, string> Skipped,
    HostDescription Host)
{
    /// <summary>The rows in the order they were measured.</summary>
    internal IReadOnlyList<ResultRow> Rows { get; } = RowsOf(Cells);

    /// <summary>The first turn of a contender at a workload that went well and counts.</summary>
    internal Cell? Find(string contender, string workload) =>
        Cells.FirstOrDefault(c => c.Contender == contender && c.Workload == workload && c is { Failure: null, IsReplaced: false });

    /// <summary>Turns that were done again, each with how many times the middle of its neighbours it took then.</summary>
    internal IReadOnlyList<(Cell Cell, double Times)> Again =>
    [
        .. Cells.Where(c => c.FirstTimes is not null).Select(c => (c, Outliers.Times(c,
            [.. Cells.Where(o => (o.Contender, o.Workload) == (c.Contender, c.Workload)
                && o is { Failure: null, IsReplaced: false })]))),
    ];

    /// <summary>What failed, each with contender, workload and reason.</summary>
    internal IReadOnlyList<Cell> Failures { get; } = [.. Cells.Where(c => c.Failure is not null)];

    /// <summary>The least and the greatest load average at the beginning of a turn.</summary>
    internal (double Least, double Greatest) Load => Cells.Count == 0 ? default : (Cells.Min(c => c.Load), Cells.Max(c => c.Load));

    // A guest whose clock is wrong has wrong figures.
    private const double ClockTolerance = 0.02;

    /// <summary>Turns in which the guest's clock and the host's disagree.</summary>
    internal IReadOnlyList<Cell> WrongClocks { get; } =
        [.. Cells.Where(c => c.ClockRatio is { } ratio && Math.Abs(ratio - 1) > ClockTolerance)];

    /// <summary>Where the engines' time goes, of those that count enough.</summary>
    internal IReadOnlyList<CostModel> Models => [.. Contenders.Select(c => CostModel.Of(c.Name, this)).OfType<CostModel>()];

    private static List<ResultRow> RowsOf(IReadOnlyList<Cell> cells) =>
    [
        .. from cell in cells
           where !cell.IsReplaced
           from row in cell.Rows
           group (cell.Contender, row.Value) by (cell.Workload, row.Key, cell.Unit) into rows
           select new ResultRow(
               rows.Key.Workload,
               rows.Key.Key,
               rows.Key.Unit,
               rows.GroupBy(r => r.Contender).ToDictionary(r => r.Key, r => Statistics.Of(r.SelectMany(v => v.Value)))),
    ];
}
