namespace LilyVM.Bench.Results;

/// <summary>
/// Turns that differ from their neighbours: from the middle of all turns of the same contender at the same workload. Some hosts have
/// minutes in which everything takes half as long again, because of what else runs on their processors.
/// </summary>
internal static class Outliers
{
    /// <summary>How much a turn may differ.</summary>
    internal const double Tolerance = 0.25;

    // Of two nobody can tell which one is right.
    private const int Least = 3;

    /// <summary>Those turns, in their order, each with how many times the middle it took.</summary>
    internal static IReadOnlyList<(Cell Cell, double Times)> In(IReadOnlyList<Cell> cells)
    {
        var groups = cells.Where(IsGood).ToLookup(c => (c.Contender, c.Workload));
        return
        [
            .. from cell in cells
               where IsGood(cell)
               let neighbours = groups[(cell.Contender, cell.Workload)].ToList()
               where neighbours.Count >= Least
               let times = Times(cell, neighbours)
               where times > 1 + Tolerance || times < 1 / (1 + Tolerance)
               select (cell, times),
        ];
    }

    /// <summary>How many times the middle of its neighbours, of which it is one, a turn took: the median over its rows.</summary>
    internal static double Times(Cell cell, IReadOnlyCollection<Cell> neighbours)
    {
        List<double> ratios = [];
        foreach ((string row, double[] values) in cell.Rows)
        {
            List<double> usual = [.. neighbours.Where(o => o.Rows.ContainsKey(row)).Select(o => Median(o.Rows[row]))];
            if (usual.Count > 0 && Median(usual) is var median && median > 0)
                ratios.Add(Median(values) / median);
        }
        return ratios.Count == 0 ? 1 : Median(ratios);
    }

    private static bool IsGood(Cell cell) => cell is { Failure: null, IsReplaced: false };

    private static double Median(IEnumerable<double> values) => Statistics.Of(values).Median;
}
