using System.Globalization;
using ScottPlot;

namespace LilyVM.Bench.Report;

/// <summary>Where an engine's time goes: a bar for each part.</summary>
internal static class CostPlot
{
    /// <summary>The plot of a model.</summary>
    internal static Plot Of(CostModel model)
    {
        var plot = new Plot();
        List<(string Name, double Seconds)> bars =
        [
            ("measured", model.Measured), ("predicted, sum of the above", model.Predicted),
            .. model.Parts.Select(p => (p.Name, p.Seconds)).OrderBy(p => p.Seconds),
        ];
        for (int i = 0; i < bars.Count; i++)
        {
            (string _, double seconds) = bars[i];
            plot.Add.Bar(new Bar
            {
                Position = i,
                Value = seconds,
                Orientation = Orientation.Horizontal,
                FillColor = i < 2 ? Colors.Gray : Colors.SteelBlue,
                LineWidth = 0,
            });
            string label = string.Create(CultureInfo.InvariantCulture, $"  {seconds:0.0} s");
            plot.Add.Text(label, Math.Max(seconds, 0), i).LabelAlignment = Alignment.MiddleLeft;
        }
        plot.Axes.Left.SetTicks([.. Enumerable.Range(0, bars.Count).Select(i => (double)i)], [.. bars.Select(b => b.Name)]);
        plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.HideGrid();
        plot.Add.VerticalLine(0, 1, Colors.Gray);
        double greatest = bars.Max(b => b.Seconds);
        plot.Axes.SetLimits(Math.Min(0, bars.Min(b => b.Seconds)) - greatest * 0.02, greatest * 1.15, -0.6, bars.Count - 0.4);
        plot.Title($"The {model.Engine} engine: seconds over native in the compilation");
        plot.XLabel("seconds");
        return plot;
    }
}
