using System.Globalization;
using LilyVM.Bench.Lab;
using LilyVM.Cli;
using Spectre.Console;

namespace LilyVM.Bench.Report;

/// <summary>The kernel engine's policies side by side: what rows cost, and what was counted in them.</summary>
internal static class PolicyTable
{
    private const int RoundTrips = 5_000;

    /// <summary>The rows in which policies differ.</summary>
    internal static readonly IReadOnlyList<string> Rows =
    [
        "page-fault-anon", "pipe-round-trip", "ring-8-64K", "fork-exit", "fork-exec", "vfork-exec", "fork-sh", LoadWorkload.TheName,
        CompileWorkload.TheName,
    ];

    private static readonly CountWorkload
        RoundTrip = CountWorkload.Primitive("pipe-round-trip", RoundTrips),
            Boot = CountWorkload.Primitive("null-call", 1, CountWorkload.Nothing);

    /// <summary>The workloads that are there for the counters.</summary>
    internal static IEnumerable<Workload> Counted => [Boot, RoundTrip];

    /// <summary>Writes both tables, if there are several policies.</summary>
    internal static void Write(TextWriter output, ExperimentResults results)
    {
        List<LabPolicy> policies = [.. LabPolicy.All.Where(p => results.Contenders.Any(c => c.Name == p.Contender))];
        if (policies.Count < 2)
            return;
        string[] headings = [.. policies.Select(p => $"{p}#")];
        Table rows = Tables.Create($"The kernel engine's policies: times {BareMachine.TheName}", ["row", .. headings]);
        foreach (ResultRow row in results.Rows.Where(r => Rows.Contains(r.Name)))
            rows.Row([row.Name, .. policies.Select(p => LabTable.Ratio(row.RatioOfMinima(p.Contender, BareMachine.TheName)))]);
        Tables.Console(output).Write(rows);
        WriteCounts(output, results, policies, "Counted in a pipe round trip",
            c => Difference(c, RoundTrip.Name, Boot.Name, RoundTrips, results));
        WriteCounts(output, results, policies, "Counted in the load, thousands",
            c => Difference(c, LoadWorkload.TheName, Boot.Name, 1000, results));
        WriteCounts(output, results, policies, "Counted in the compilation with its boot, thousands",
            c => Difference(c, CompileWorkload.TheName, null, 1000, results));
    }

    // Counters that are zero under all policies say nothing.
    private static void WriteCounts(
        TextWriter output, ExperimentResults results, List<LabPolicy> policies, string title,
        Func<string, IReadOnlyDictionary<string, double>> count)
    {
        List<IReadOnlyDictionary<string, double>> counts = [.. policies.Select(p => count(p.Contender))];
        List<string> names = [.. counts.SelectMany(c => c.Keys).Distinct()
            .Where(n => counts.Exists(c => Shown(c, n) is not ("" or "0.00")))];
        if (names.Count == 0)
            return;
        Table table = Tables.Create(title, ["counter", .. policies.Select(p => $"{p}#")]);
        foreach (string name in names)
            table.Row([name, .. counts.Select(c => Shown(c, name))]);
        Tables.Console(output).Write(table);
    }

    private static string Shown(IReadOnlyDictionary<string, double> counts, string name) =>
        counts.TryGetValue(name, out double count) ? count.ToString(count < 100 ? "0.00" : "N0", CultureInfo.InvariantCulture) : "";

    /// <summary>What a contender counted in a workload, less what it counts before, divided.</summary>
    internal static IReadOnlyDictionary<string, double> Difference(string contender, string workload, string? before, double divisor,
        ExperimentResults results)
    {
        IReadOnlyDictionary<string, long>? Of(string name) =>
            results.Find(contender, name)?.Counters;
        IReadOnlyDictionary<string, long>? its = Of(workload), earlier = before is null ? new Dictionary<string, long>() : Of(before);
        return its is null || earlier is null
            ? new Dictionary<string, double>()
            : its.ToDictionary(c => c.Key, c => Math.Max(0, c.Value - earlier.GetValueOrDefault(c.Key)) / divisor);
    }
}
