using System.Globalization;
using LilyVM.Bench.Results;
using LilyVM.Cli;
using Spectre.Console;

namespace LilyVM.Bench.Report;

/// <summary>Where an engine's time goes, for people.</summary>
internal static class CostTable
{
    // A model that is further off explains nothing.
    private const double Tolerance = 0.15;

    /// <summary>Writes the table and how well it agrees with what was measured.</summary>
    internal static void Write(TextWriter output, CostModel model)
    {
        Table table = Tables.Create($"Where the time of the {model.Engine} engine goes in the compilation", "what", "times#", "each#",
            "seconds#");
        foreach (CostPart part in model.Parts)
        {
            table.Row(
                part.Name,
                part.OfSeconds ? "" : Tables.Number((long)part.Count),
                part.OfSeconds ? "" : (part.UnitCost * 1e6).ToString("0.00", CultureInfo.InvariantCulture) + " µs",
                part.Seconds.ToString("0.00", CultureInfo.InvariantCulture));
        }
        Tables.Console(output).Write(table);
        string verdict = Math.Abs(model.Error) <= Tolerance ? "the model explains it" : "MODEL WRONG, more than 15% off";
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Predicted from the primitives' unit costs: {model.Predicted:0.0} s over native; measured: {model.Measured:0.0} s " +
            $"({model.Error * 100:+0;-0}%: {verdict})."));
    }
}
