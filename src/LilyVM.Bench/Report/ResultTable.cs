using System.Globalization;
using LilyVM.Bench.Contenders;
using LilyVM.Bench.Results;
using LilyVM.Bench.Workloads;
using LilyVM.Cli;
using Spectre.Console;

namespace LilyVM.Bench.Report;

/// <summary>The table for people.</summary>
internal static class ResultTable
{
    /// <summary>
    /// Writes one table: the host's figure, and of each other contender how many times that, or its figure where the host has none.
    /// </summary>
    internal static void Write(TextWriter output, ExperimentResults results)
    {
        IAnsiConsole console = Tables.Console(output);
        List<string> others = [.. results.Contenders.Select(c => c.Name).Where(n => n != HostItself.TheName)];
        Table table = Tables.Create(
            "Medians, ± half the distance of the quartiles; others than native as multiples of it",
            ["row", "native#", .. others.Select(o => o + "#")]);
        string? workload = null;
        foreach (ResultRow row in results.Rows.Where(r => !r.Workload.StartsWith(CountWorkload.Prefix, StringComparison.Ordinal)))
        {
            if (workload is not null && workload != row.Workload)
                table.AddEmptyRow();
            workload = row.Workload;
            string its = row.Values.TryGetValue(HostItself.TheName, out Statistics? native) ? Figure(native, row.Unit) : "";
            table.Row([row.Name, its, .. others.Select(o => Other(row, o, results))]);
        }
        console.Write(table);
        foreach (CostModel model in results.Models)
            CostTable.Write(output, model);
        foreach ((string name, string description) in results.Contenders)
            output.WriteLine($"{name}: {description}.");
        foreach ((string name, string reason) in results.Skipped)
            output.WriteLine($"{name} was left out: {reason}.");
        foreach (Cell cell in results.Failures)
            output.WriteLine($"FAILED: {cell.Workload} on {cell.Contender}: {cell.Failure}.");
        foreach (Cell cell in results.WrongClocks)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"WRONG CLOCK: in {cell.Workload} on {cell.Contender} the guest counted {cell.ClockRatio:0.000} s for a second."));
        }
        HostDescription host = results.Host;
        string virtualized = host.Virtualized ? " of a virtual machine" : "";
        output.WriteLine($"Host: {host.Processor}, {host.Processors} processors{virtualized}, {host.MemoryMiB} MiB, {host.Kernel}; {host.Date}.");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Load average: {results.Load.Least:0.00} to {results.Load.Greatest:0.00}."));
    }

    private static string Other(ResultRow row, string contender, ExperimentResults results)
    {
        if (row.Ratio(contender) is { } ratio)
            return ratio.ToString(ratio < 10 ? "0.00" : ratio < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);
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
