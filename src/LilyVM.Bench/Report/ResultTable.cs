using System.Globalization;

namespace LilyVM.Bench.Report;

/// <summary>
/// The rows: the host's figure, and of each other contender how many times that, or its figure where the host has none.
/// </summary>
internal static class ResultTable
{
    /// <summary>The table.</summary>
    internal static ReportTable Of(ExperimentResults results)
    {
        List<string> others = [.. results.Contenders.Select(c => c.Name).Where(n => n != HostItself.TheName)];
        List<IReadOnlyList<string>> rows = [];
        string? workload = null;
        foreach (ResultRow row in results.Rows.Where(r => !r.Workload.StartsWith(CountWorkload.Prefix, StringComparison.Ordinal)))
        {
            if (workload is not null && workload != row.Workload)
                rows.Add([]);
            workload = row.Workload;
            string its = row.Values.TryGetValue(HostItself.TheName, out Statistics? native) ? Figure(native, row.Unit) : "";
            rows.Add([row.Name, its, .. others.Select(o => Other(row, o, results))]);
        }
        return new ReportTable(
            $"{results.Target}: medians, ± half the distance of the quartiles; others than native as multiples of it",
            ["row", "native#", .. others.Select(o => o + "#")],
            rows);
    }

    private static string Other(ResultRow row, string contender, ExperimentResults results)
    {
        if (row.Ratio(contender) is { } ratio)
            return ratio.ToString(ratio < 0.1 ? "0.000" : ratio < 10 ? "0.00" : ratio < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);
        if (row.Values.TryGetValue(contender, out Statistics? its))
            return Figure(its, row.Unit);
        return results.Failures.Any(c => c.Contender == contender && c.Workload == row.Workload) ? "failed" : "";
    }

    /// <summary>A figure with its spread, in a unit that fits.</summary>
    internal static string Figure(Statistics statistics, string unit)
    {
        (double divisor, string shown) = (unit, statistics.Median) switch
        {
            ("ns", >= 1e6) => (1e6, "ms"),
            ("ns", >= 1e3) => (1e3, "µs"),
            _ => (1, unit),
        };
        double value = statistics.Median / divisor;
        string number = value.ToString(value < 10 ? "0.00" : value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);
        return statistics.Count == 1 ? $"{number} {shown}"
            : string.Create(CultureInfo.InvariantCulture, $"{number} {shown} ±{statistics.Spread * 100:0}%");
    }
}
