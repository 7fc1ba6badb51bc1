using System.Text.Json;
using LilyVM.Bench.Results;

namespace LilyVM.Bench.Report;

/// <summary>The figures for programs.</summary>
internal static class ResultJson
{
    private static readonly JsonSerializerOptions Form = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Writes the file: medians and ratios first, then every value of every turn.</summary>
    internal static void Write(string path, ExperimentResults results) => File.WriteAllText(path, JsonSerializer.Serialize(
        new
        {
            results.Host,
            Load = new { results.Load.Least, results.Load.Greatest },
            Contenders = results.Contenders.Select(c => new { c.Name, c.Description }),
            results.Skipped,
            Rows = results.Rows.Select(r => new
            {
                r.Workload,
                r.Name,
                r.Unit,
                r.Values,
                Ratios = r.Values.Keys.Where(c => r.Ratio(c) is not null).ToDictionary(c => c, c => r.Ratio(c)!.Value),
                RatiosOfMinima = r.Values.Keys.Where(c => r.RatioOfMinima(c) is not null).ToDictionary(c => c, c => r.RatioOfMinima(c)!.Value),
            }),
            Models = results.Models.Select(m => new { m.Engine, m.Parts, m.Predicted, m.Measured }),
            results.Cells,
        },
        Form) + "\n");
}
