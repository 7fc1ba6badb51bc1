namespace LilyVM.Bench.Results;

/// <summary>A part of an engine's overhead.</summary>
/// <param name="Name">What happens.</param>
/// <param name="Count">How often it happened in the compilation; or seconds of it.</param>
/// <param name="UnitCost">Seconds that each costs.</param>
/// <param name="OfSeconds">Nothing was counted: a part of the compilation's seconds takes longer.</param>
internal sealed record CostPart(string Name, double Count, double UnitCost, bool OfSeconds = false)
{
    /// <summary>Seconds of the compilation.</summary>
    internal double Seconds => Count * UnitCost;
}

/// <summary>
/// Where an engine's time goes: what it counted in the compilation, times what each counted thing costs. The costs come from the primitives
/// alone: of each it is known how much longer it takes than on the host, and what was counted; the costs that explain all of them best are
/// the unit costs. The compilation has no part in finding them, so that its prediction can fail.
/// </summary>
/// <param name="Engine">The engine.</param>
/// <param name="Parts">The parts.</param>
/// <param name="Measured">Seconds that the compilation took longer than on the host.</param>
/// <param name="Native">Seconds that it took on the host.</param>
/// <param name="IsOfAll">
/// Whether the error is a part of all that the compilation takes: where the guest is about as fast as the host, a part of the difference
/// says nothing.
/// </param>
internal sealed record CostModel(string Engine, IReadOnlyList<CostPart> Parts, double Measured, double Native, bool IsOfAll)
{
    /// <summary>What the name of a row of seconds in the kernel ends with.</summary>
    internal const string SystemTime = "-system";

    // The guest's kernel does the same work in less time than the host's: it has fewer features and no mitigations. That is part of the
    // difference, with a minus.
    private const string Kernel = "the guest's kernel instead of the host's";

    private static readonly string[] Computing = ["cpu-integer", "cpu-divide", "fpu-x87", "fpu-sse2"];

    /// <summary>Seconds that the unit costs predict.</summary>
    internal double Predicted => Parts.Sum(p => p.Seconds);

    /// <summary>How far the prediction is off, as a part of what was measured.</summary>
    internal double Error => IsOfAll ? (Predicted - Measured) / (Native + Measured) : Predicted / Measured - 1;

    /// <summary>The model of an engine; null if not all was measured that it takes.</summary>
    internal static CostModel? Of(string engine, ExperimentResults results)
    {
        if (engine is HostItself.TheName or HostItself.WithLargePages)
            return null;
        List<(double[] Counts, double Overhead, double Scale)> rows = [];
        foreach (ResultRow row in results.Rows.Where(r => r.Workload == r.Name
            && r.Workload.StartsWith(CountWorkload.Prefix, StringComparison.Ordinal)))
        {
            if (row.Name is CountWorkload.Prefix + CountWorkload.Nothing or CountWorkload.Prefix + CountWorkload.Preparation)
                continue;
            if (Counts(engine, row, CountWorkload.Nothing, results) is not { } counts || Overhead(engine, row) is not { } overhead)
                return null;
            rows.Add((counts, overhead, row.Values[HostItself.TheName].Median + row.Values[engine].Median));
        }
        if (rows.Count < CostEvent.Of(results.Target).Count
            || results.Rows.FirstOrDefault(r => r.Name == CompileWorkload.TheName) is not { } compile
            || Counts(engine, compile, CountWorkload.Preparation, results) is not { } compiled
            || Overhead(engine, compile) is not { } measured)
        {
            return null;
        }
        // Each row weighs the same, whatever it takes.
        double[] costs = LeastSquares.SolveNonNegative(
            [.. rows.Select(r => r.Counts.Select(c => c / r.Scale).ToArray())], [.. rows.Select(r => r.Overhead / r.Scale)]);
        string[] names = [Kernel, .. CostEvent.Of(results.Target).Select(e => e.Name)];
        return new CostModel(engine, [.. names.Select((name, i) => new CostPart(name, compiled[i], costs[i], i == 0)),
            .. Computation(engine, compile, results)], measured, compile.Values[HostItself.TheName].Median,
            IsOfAll: results.Target == BenchTarget.X64);
    }

    // What the compilation computes, which is all but the kernel's time, takes as much longer as the rows that only compute: smaller pages,
    // and what the host does meanwhile for this engine.
    private static IEnumerable<CostPart> Computation(string engine, ResultRow compile, ExperimentResults results)
    {
        double[] ratios = [.. results.Rows.Where(r => Computing.Contains(r.Name)).Select(r => r.Ratio(engine)).OfType<double>()];
        double system = results.Rows.First(r => r.Name == compile.Name + SystemTime).Values[HostItself.TheName].Median;
        return ratios.Length == 0 ? []
            : [new CostPart("computation", compile.Values[HostItself.TheName].Median - system, Statistics.Of(ratios).Median - 1, true)];
    }

    private static double? Overhead(string engine, ResultRow row) =>
        row.Values.TryGetValue(engine, out Statistics? its) && row.Values.TryGetValue(HostItself.TheName, out Statistics? native)
            ? its.Median - native.Median
            : null;

    // What was counted in a row, less what was counted before it; in front the host kernel's seconds, which the guest's kernel saves a part
    // of.
    private static double[]? Counts(string engine, ResultRow row, string before, ExperimentResults results)
    {
        if (results.Find(engine, row.Workload) is not { } cell || results.Find(engine, CountWorkload.Prefix + before) is not { } earlier
            || results.Rows.FirstOrDefault(r => r.Name == row.Name + SystemTime) is not { } system
            || !system.Values.TryGetValue(HostItself.TheName, out Statistics? native))
        {
            return null;
        }
        double Count(string counter) => Math.Max(0, cell.Counters.GetValueOrDefault(counter) - earlier.Counters.GetValueOrDefault(counter));
        return [-native.Median, .. CostEvent.Of(results.Target).Select(e => Count(e.Counter))];
    }
}
