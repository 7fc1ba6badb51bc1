using System.Text.Json;

namespace LilyVM.Bench.Report;

/// <summary>The figures for programs.</summary>
internal static class ResultJson
{
    private static readonly JsonSerializerOptions Form = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Writes the file: medians and ratios to the measure first, then every value of every turn.</summary>
    internal static void Write(string path, ExperimentResults results, string measure = HostItself.TheName) =>
        Write(path, Shape(results, measure));

    /// <summary>Writes several experiments into one file, each under the name of its architecture.</summary>
    internal static void WriteAll(string path, IEnumerable<ExperimentResults> all) =>
        Write(path, all.ToDictionary(r => r.Target.Name, r => Shape(r, HostItself.TheName)));

    /// <summary>The experiments of a file that <see cref="WriteAll"/> wrote.</summary>
    internal static IReadOnlyList<ExperimentResults> ReadAll(string path)
    {
        try
        {
            var all = JsonSerializer.Deserialize<Dictionary<string, Saved>>(File.ReadAllText(path), Form)!;
            return [.. BenchTarget.All.Where(t => all.ContainsKey(t.Name)).Select(t => all[t.Name].Results(t))];
        }
        catch (JsonException e)
        {
            throw new LilyVMException($"{path} does not hold figures of ./lilyvm bench: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static void Write(string path, object shape) => File.WriteAllText(path, JsonSerializer.Serialize(shape, Form) + "\n");

    private static object Shape(ExperimentResults results, string measure) => new
    {
        results.Host,
        Measure = measure,
        Load = new { results.Load.Least, results.Load.Greatest },
        Contenders = results.Contenders.Select(c => new SavedContender(c.Name, c.Description)),
        results.Skipped,
        Rows = results.Rows.Select(r => new
        {
            r.Workload,
            r.Name,
            r.Unit,
            r.Values,
            Ratios = Known(r.Values.Keys, c => r.Ratio(c, measure)),
            RatiosOfMinima = Known(r.Values.Keys, c => r.RatioOfMinima(c, measure)),
        }),
        Limits = SpeedLimit.Of(results.Target).Select(l => new
        {
            l.What,
            l.Row,
            l.Measure,
            l.Must,
            l.Aim,
            Reached = l.Reached(results),
            Verdict = l.Verdict(results).ToString(),
        }),
        Models = results.Models.Select(m => new { m.Engine, m.Parts, m.Predicted, m.Measured, m.Error }),
        results.Cells,
    };

    private static Dictionary<string, double> Known(IEnumerable<string> contenders, Func<string, double?> ratio) =>
        contenders.Select(c => (Name: c, Ratio: ratio(c))).Where(r => r.Ratio is not null).ToDictionary(r => r.Name, r => r.Ratio!.Value);

    private sealed record SavedContender(string Name, string Description);

    // What cannot be found from the rest.
    private sealed record Saved(HostDescription Host, SavedContender[] Contenders, Dictionary<string, string> Skipped, Cell[] Cells)
    {
        internal ExperimentResults Results(BenchTarget target) =>
            new(target, Cells, [.. Contenders.Select(c => (c.Name, c.Description))], Skipped, Host);
    }
}
