using System.Globalization;
using LilyVM.Cli;

namespace LilyVM.Bench.Report;

/// <summary>Where an engine's time goes, for people.</summary>
internal static class CostTable
{
    // A model that is further off explains nothing.
    private const double Tolerance = 0.15;

    /// <summary>The table.</summary>
    internal static ReportTable Of(CostModel model) => new(
        $"Where the time of the {model.Engine} engine goes in the compilation",
        ["what", "times#", "each#", "seconds#"],
        [.. model.Parts.Select(Row)]);

    /// <summary>How well it agrees with what was measured.</summary>
    internal static string Verdict(CostModel model)
    {
        string verdict = Math.Abs(model.Error) <= Tolerance ? "the model explains it" : "MODEL WRONG, more than 15% off";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Predicted from the primitives' unit costs: {model.Predicted:0.0} s over native; measured: {model.Measured:0.0} s " +
            $"({model.Error * 100:+0;-0}%{(model.IsOfAll ? " of all that the compilation takes" : "")}: {verdict}).");
    }

    private static string[] Row(CostPart part) =>
    [
        part.Name,
        part.OfSeconds ? "" : Tables.Number((long)part.Count),
        part.OfSeconds ? "" : (part.UnitCost * 1e6).ToString("0.00", CultureInfo.InvariantCulture) + " µs",
        part.Seconds.ToString("0.00", CultureInfo.InvariantCulture),
    ];
}
