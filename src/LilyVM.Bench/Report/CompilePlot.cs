using System.Globalization;
using ScottPlot;

namespace LilyVM.Bench.Report;

/// <summary>How long the compilation takes: a bar for each contender.</summary>
internal static class CompilePlot
{
    /// <summary>Null if nobody compiled.</summary>
    internal static Plot? Of(ExperimentResults results)
    {
        if (results.Rows.FirstOrDefault(r => r.Workload == CompileWorkload.TheName) is not { } row)
            return null;
        var plot = new Plot();
        List<string> contenders = [.. results.Contenders.Select(c => c.Name).Where(row.Values.ContainsKey).Reverse()];
        for (int i = 0; i < contenders.Count; i++)
        {
            double seconds = row.Values[contenders[i]].Median;
            plot.Add.Bar(new Bar
            {
                Position = i,
                Value = seconds,
                Orientation = Orientation.Horizontal,
                FillColor = Colors.SteelBlue,
                LineWidth = 0,
            });
            string ratio = row.Ratio(contenders[i]) is { } times && times != 1
                ? string.Create(CultureInfo.InvariantCulture, $", {times:0.00} times native")
                : "";
            ScottPlot.Plottables.Text text =
                plot.Add.Text(string.Create(CultureInfo.InvariantCulture, $"  {seconds:0.0} s{ratio}"), seconds, i);
            text.LabelAlignment = Alignment.MiddleLeft;
        }
        plot.Axes.Left.SetTicks([.. Enumerable.Range(0, contenders.Count).Select(i => (double)i)], [.. contenders]);
        plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.HideGrid();
        plot.Axes.SetLimits(0, row.Values.Values.Max(v => v.Median) * 1.35, -0.6, contenders.Count - 0.4);
        plot.Title($"Compilation of GNU awk, make -j1, {results.Target}");
        plot.XLabel("seconds");
        return plot;
    }
}
