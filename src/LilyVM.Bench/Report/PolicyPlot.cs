using LilyVM.Bench.Lab;
using ScottPlot;

namespace LilyVM.Bench.Report;

/// <summary>The kernel engine's policies: a group of bars for each row, times the bare machine.</summary>
internal static class PolicyPlot
{
    private const double BarWidth = 0.13, Highest = 4;

    private static readonly Color[] MmuColors = [Colors.SteelBlue, Colors.DarkOrange, Colors.ForestGreen];

    /// <summary>Null if fewer than two policies were measured.</summary>
    internal static Plot? Of(ExperimentResults results)
    {
        List<LabPolicy> policies = [.. LabPolicy.All.Where(p => results.Contenders.Any(c => c.Name == p.Contender))];
        List<ResultRow> rows = [.. results.Rows.Where(r => PolicyTable.Rows.Contains(r.Name) && r.Values.ContainsKey(BareMachine.TheName))];
        if (policies.Count < 2 || rows.Count == 0)
            return null;
        var plot = new Plot();
        foreach ((int number, LabPolicy policy) in policies.Index())
        {
            Color color = MmuColors[(int)policy.Mmu];
            List<Bar> bars = [];
            for (int i = 0; i < rows.Count; i++)
            {
                if (rows[i].RatioOfMinima(policy.Contender, BareMachine.TheName) is not { } ratio)
                    continue;
                double place = i + (number - (policies.Count - 1) / 2.0) * BarWidth;
                // A bar that would hide the others ends at the top, and says how high it is.
                bars.Add(new Bar
                {
                    Position = place,
                    Value = Math.Min(ratio, Highest),
                    Size = BarWidth,
                    FillColor = policy.Fpu == KernelFpu.Lazy ? color : color.WithAlpha(0.5),
                    LineWidth = 0,
                });
                if (ratio > Highest)
                    plot.Add.Text(LabTable.Ratio(ratio), place - BarWidth / 2, Highest).LabelAlignment = Alignment.LowerLeft;
            }
            plot.Add.Bars(bars).LegendText = policy.ToString();
        }
        plot.Add.HorizontalLine(1, 1, Colors.Gray);
        plot.Axes.Bottom.SetTicks([.. Enumerable.Range(0, rows.Count).Select(i => (double)i)], [.. rows.Select(r => r.Name)]);
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.HideGrid();
        plot.Axes.SetLimits(-0.6, rows.Count - 0.4, 0, Highest * 1.35) /* the legend is above the bars */;
        plot.Title("The kernel engine's policies: instructions, times those of a bare machine");
        plot.YLabel("times bare");
        plot.ShowLegend(Alignment.UpperRight, Orientation.Horizontal);
        return plot;
    }
}
