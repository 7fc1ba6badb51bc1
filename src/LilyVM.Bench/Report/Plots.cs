using ScottPlot;

namespace LilyVM.Bench.Report;

/// <summary>The plots.</summary>
internal static class Plots
{
    /// <summary>The font, not of the host: the plots are the same everywhere.</summary>
    private static readonly DebianPackage FontPackage = new("fonts-dejavu-core", "usr/share/fonts/truetype/dejavu/DejaVuSans.ttf");

    private const string FontName = "LilyVM plots";

    private const int Width = 900;

    /// <summary>The font's file.</summary>
    internal static string GetFont(GuestCache cache, StepProgress progress) => FontPackage.Get(cache, progress).Path;

    /// <summary>Draws each that there are figures for, as PNG and SVG; with the font of the file, or one of the host's.</summary>
    internal static void Draw(string folder, ExperimentResults results, string? font)
    {
        string target = results.Target.Name;
        Save(folder, font, CompilePlot.Of(results), $"bench-compile-{target}", 320);
        Save(folder, font, RatioPlot.Of(results), $"bench-micro-{target}", 900);
        foreach (CostModel model in results.Models)
            Save(folder, font, CostPlot.Of(model), $"bench-costs-{model.Engine}-{target}", 400);
    }

    /// <summary>Saves a plot, if there is one.</summary>
    internal static void Save(string folder, string? font, Plot? plot, string name, int height)
    {
        if (plot is null)
            return;
        Directory.CreateDirectory(folder);
        if (font is not null)
        {
            Fonts.AddFontFile(FontName, font);
            plot.Font.Set(FontName);
        }
        plot.SavePng(Path.Combine(folder, name + ".png"), Width, height);
        plot.SaveSvg(Path.Combine(folder, name + ".svg"), Width, height);
    }
}
