using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace LilyVM.Bench.Report;

/// <summary>The micro set: how many times what the host takes, a point for each contender and row, on a logarithmic axis.</summary>
internal static class RatioPlot
{
    /// <summary>Null if there is nothing to compare.</summary>
    internal static Plot? Of(ExperimentResults results)
    {
        List<ResultRow> rows = [.. results.Rows.Where(r => r.Workload == "micro").Reverse()];
        List<string> contenders =
            [.. results.Contenders.Select(c => c.Name).Where(n => n != HostItself.TheName && rows.Exists(r => r.Ratio(n) is not null))];
        if (contenders.Count == 0)
            return null;
        var plot = new Plot();
        foreach (string contender in contenders)
        {
            List<int> places = [.. Enumerable.Range(0, rows.Count).Where(i => rows[i].Ratio(contender) is not null)];
            var points = plot.Add.ScatterPoints(
                places.Select(i => Math.Log10(rows[i].Ratio(contender)!.Value)).ToArray(),
                places.Select(i => (double)i).ToArray());
            points.LegendText = contender;
            points.MarkerSize = 8;
        }
        plot.Add.VerticalLine(0, 1, Colors.Gray).IsDraggable = false;
        plot.Axes.Left.SetTicks([.. Enumerable.Range(0, rows.Count).Select(i => (double)i)], [.. rows.Select(r => r.Name)]);
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic
        {
            MinorTickGenerator = new LogMinorTickGenerator(),
            IntegerTicksOnly = true,
            LabelFormatter = power => Math.Pow(10, power).ToString("0.##", CultureInfo.InvariantCulture),
        };
        plot.Axes.SetLimitsY(-1, rows.Count);
        plot.Title($"Primitives: multiples of the host's own time, {results.Target}");
        plot.XLabel("times native, logarithmic");
        plot.ShowLegend(Alignment.LowerRight);
        return plot;
    }
}
