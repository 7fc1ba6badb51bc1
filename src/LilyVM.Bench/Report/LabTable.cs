using System.Globalization;
using LilyVM.Bench.Lab;
using LilyVM.Cli;
using Spectre.Console;

namespace LilyVM.Bench.Report;

/// <summary>The experiment in the lab, for people: instructions of each contender, and how many times those of the bare machine.</summary>
internal static class LabTable
{
    private static readonly string[] Shown = [BareMachine.TheName, LabNative.TheName, LabEngine.Kernel, LabEngine.User];

    /// <summary>Writes it, with the kernel engine's usual policies.</summary>
    internal static void Write(TextWriter output, ExperimentResults results)
    {
        List<string> contenders = [.. Shown.Where(s => results.Contenders.Any(c => c.Name == s))];
        Table table = Tables.Create(
            $"Instructions, the least of the rounds; in parentheses times {BareMachine.TheName}",
            ["row", .. contenders.Select(c => c + "#"), "kernel/native#", "the kernel engine must be at most"]);
        foreach (ResultRow row in results.Rows.Where(r => r.Unit == Workload.Instructions))
        {
            string goals = string.Join("; ", LabGoal.All.Where(g => g.Row == row.Name).Select(g => g.Verdict(row)));
            table.Row([row.Name, .. contenders.Select(c => Figure(row, c, results)),
                Ratio(row.RatioOfMinima(LabEngine.Kernel, LabNative.TheName)), goals]);
        }
        Tables.Console(output).Write(table);
        foreach ((string name, string description) in results.Contenders)
            output.WriteLine($"{name}: {description}.");
        foreach (Cell cell in results.Failures)
            output.WriteLine($"FAILED: {cell.Workload} on {cell.Contender}: {cell.Failure}.");
    }

    /// <summary>A ratio in three digits, or nothing.</summary>
    internal static string Ratio(double? ratio) =>
        ratio is { } value ? value.ToString(value < 10 ? "0.00" : value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture) : "";

    private static string Figure(ResultRow row, string contender, ExperimentResults results)
    {
        if (!row.Values.TryGetValue(contender, out Statistics? its))
            return results.Failures.Any(c => c.Contender == contender && c.Workload == row.Workload) ? "failed" : "";
        string figure = Instructions(its.Minimum);
        return contender == BareMachine.TheName || row.RatioOfMinima(contender, BareMachine.TheName) is not { } ratio
            ? figure
            : $"{figure} ({Ratio(ratio)})";
    }

    // Loops of a few instructions are timed to a hundredth.
    private static string Instructions(double count) => count switch
    {
        < 100 => count.ToString("0.00", CultureInfo.InvariantCulture),
        < 1e7 => Tables.Number((long)Math.Round(count)),
        _ => Tables.Number((long)Math.Round(count / 1e6)) + " M",
    };
}
