using System.Text.Json;
using LilyVM.Bench.Contenders;
using LilyVM.Bench.Results;

namespace LilyVM.Bench.Report;

/// <summary>The figures for programs.</summary>
internal static class ResultJson
{
    private static readonly JsonSerializerOptions Form = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Writes the file: medians and ratios to the measure first, then every value of every turn.</summary>
    internal static void Write(string path, ExperimentResults results, string measure = HostItself.TheName) => File.WriteAllText(path,
        JsonSerializer.Serialize(
        new
        {
            results.Host,
            Measure = measure,
            Load = new { results.Load.Least, results.Load.Greatest },
            Contenders = results.Contenders.Select(c => new { c.Name, c.Description }),
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
            Models = results.Models.Select(m => new { m.Engine, m.Parts, m.Predicted, m.Measured }),
            results.Cells,
        },
        Form) + "\n");

    private static Dictionary<string, double> Known(IEnumerable<string> contenders, Func<string, double?> ratio) =>
        contenders.Select(c => (Name: c, Ratio: ratio(c))).Where(r => r.Ratio is not null).ToDictionary(r => r.Name, r => r.Ratio!.Value);
}
