using LilyVM.Bench.Results;
using LilyVM.Cli.Guests;
using ScottPlot;

namespace LilyVM.Bench.Report;

/// <summary>The plots.</summary>
internal static class Plots
{
    /// <summary>The font, not of the host: the plots are the same everywhere.</summary>
    internal static readonly DebianPackage FontPackage = new("fonts-dejavu-core", "usr/share/fonts/truetype/dejavu/DejaVuSans.ttf");

    private const string FontName = "LilyVM plots";

    private const int Width = 900;

    /// <summary>Draws each that there are figures for, as PNG and SVG; with the font of the file, or one of the host's.</summary>
    internal static void Draw(string folder, ExperimentResults results, string? font)
    {
        Directory.CreateDirectory(folder);
        if (font is not null)
            Fonts.AddFontFile(FontName, font);
        Save(CompilePlot.Of(results), "bench-compile", 320);
        Save(RatioPlot.Of(results), "bench-micro", 900);
        foreach (CostModel model in results.Models)
            Save(CostPlot.Of(model), $"bench-costs-{model.Engine}", 400);

        void Save(Plot? plot, string name, int height)
        {
            if (plot is null)
                return;
            if (font is not null)
                plot.Font.Set(FontName);
            plot.SavePng(Path.Combine(folder, name + ".png"), Width, height);
            plot.SaveSvg(Path.Combine(folder, name + ".svg"), Width, height);
        }
    }
}
