using System.Text.Json;
using LilyVM.Bench.Contenders;
using LilyVM.Bench.Report;
using LilyVM.Bench.Results;
using LilyVM.Bench.Setup;
using LilyVM.Bench.Workloads;
using LilyVM.Tests.Recipes;

namespace LilyVM.Tests.Bench;

public sealed class ReportTests : IDisposable
{
    private readonly ScratchFolder scratch = new();

    private static readonly ExperimentResults Results = new(
        BenchTarget.I386,
        [
            Cell(HostItself.TheName, "micro", "ns", ("null-call", [100, 200, 300])) with { Load = 0.5 },
            Cell("user", "micro", "ns", ("null-call", [400, 500])) with { ClockRatio = 0.9, Load = 2.25 },
            Cell("uml", "micro", "ns") with { Failure = "it broke" },
            Cell(HostItself.TheName, CompileWorkload.TheName, "s", ("compile", [13.0])),
            Cell("user", CompileWorkload.TheName, "s", ("compile", [20.4])),
            Cell("user", "boot", "s", ("boot-to-shell", [0.25])),
            Cell("user", CountWorkload.Prefix + "stat", "s", ("count-stat", [1]), ("count-stat-system", [0.5])),
            Cell(HostItself.TheName, CountWorkload.Prefix + "stat", "s", ("count-stat-system", [0])),
        ],
        [(HostItself.TheName, "the host"), ("user", "our engine"), ("uml", "another kernel")],
        new Dictionary<string, string> { ["gvisor"] = "it is not there" },
        new HostDescription("a processor", 2, 1024, "a kernel", Virtualized: true, "madvise", "today"));

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void The_table_tells_ratios_figures_failures_and_who_was_left_out()
    {
        var output = new StringWriter();
        ResultReport.Write(output, Results);
        string text = output.ToString();
        Assert.Matches(@"null-call +200 ns ±25% +2\.25 +failed", text);
        Assert.Matches(@"compile +13\.0 s +1\.57", text);
        Assert.Matches(@"boot-to-shell +0\.25 s", text);
        Assert.Contains("gvisor was left out: it is not there.", text, StringComparison.Ordinal);
        Assert.Contains("FAILED: micro on uml: it broke.", text, StringComparison.Ordinal);
        Assert.Contains("WRONG CLOCK: in micro on user the guest counted 0.900 s for a second.", text, StringComparison.Ordinal);
        Assert.Contains("Load average: 0.00 to 2.25.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("count-stat", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_holds_ratios_and_every_value()
    {
        string path = scratch["results.json"];
        ResultJson.Write(path, Results);
        JsonElement root = JsonDocument.Parse(File.ReadAllText(path)).RootElement;
        JsonElement row = root.GetProperty("rows")[0];
        Assert.Equal(2.25, row.GetProperty("ratios").GetProperty("user").GetDouble());
        Assert.Equal(4, row.GetProperty("ratiosOfMinima").GetProperty("user").GetDouble());
        Assert.Equal(100, row.GetProperty("values").GetProperty("native").GetProperty("minimum").GetDouble());
        Assert.Equal(300, root.GetProperty("cells")[0].GetProperty("rows").GetProperty("null-call")[2].GetDouble());
        Assert.Equal("it broke", root.GetProperty("cells")[2].GetProperty("failure").GetString());
        Assert.Equal("it is not there", root.GetProperty("skipped").GetProperty("gvisor").GetString());
    }

    [Fact]
    public void The_file_of_several_architectures_tells_the_same_again()
    {
        ExperimentResults wide = Results with { Target = BenchTarget.X64 };
        string path = scratch["all.json"];
        ResultJson.WriteAll(path, [wide, Results]);
        Assert.Equal(200, JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("i386").GetProperty("rows")[0]
            .GetProperty("values").GetProperty("native").GetProperty("median").GetDouble());
        IReadOnlyList<ExperimentResults> read = ResultJson.ReadAll(path);
        Assert.Equal([Markdown(wide), Markdown(Results)], read.Select(Markdown));
    }

    [Fact]
    public void Markdown_has_the_table_and_what_was_found()
    {
        string text = Markdown(Results);
        Assert.Contains("\n| row | native | user | uml |\n| --- | ---: | ---: | ---: |\n| null-call | 200 ns ±25% | 2.25 | failed |\n",
            text,
            StringComparison.Ordinal);
        Assert.Contains("- FAILED: micro on uml: it broke.\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_something_else_is_one_sentence()
    {
        File.WriteAllText(scratch["other.json"], "[1]");
        Assert.StartsWith($"{scratch["other.json"]} does not hold figures of ./lilyvm bench: ",
            Assert.Throws<LilyVMException>(() => ResultJson.ReadAll(scratch["other.json"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plots_are_pictures_with_the_contenders_names()
    {
        Plots.Draw(scratch.Path, Results, font: null);
        foreach (string name in (string[])["bench-compile-i386", "bench-micro-i386"])
        {
            Assert.Equal([0x89, 0x50, 0x4E, 0x47], File.ReadAllBytes(scratch[name + ".png"])[..4]); // \x89PNG
            Assert.Contains("user", File.ReadAllText(scratch[name + ".svg"]), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(new double[] { 7 }, 7, 7, 0)]
    [InlineData(new double[] { 4, 1, 3, 2, 5 }, 1, 3, 1.0 / 3)]
    [InlineData(new double[] { 10, 20 }, 10, 15, 1.0 / 6)]
    [InlineData(new double[] { 0, 0, 0, 5 }, 0, 0, 0)]
    public void Statistics_are_minimum_median_and_half_the_quartiles_distance(double[] values, double minimum, double median, double spread)
    {
        Statistics statistics = Statistics.Of(values);
        Assert.Equal((minimum, median, values.Length), (statistics.Minimum, statistics.Median, statistics.Count));
        Assert.Equal(spread, statistics.Spread, 1e-12);
    }

    private static string Markdown(ExperimentResults results)
    {
        var output = new StringWriter();
        ResultReport.WriteMarkdown(output, results);
        return output.ToString();
    }

    private static Cell Cell(string contender, string workload, string unit, params (string Name, double[] Values)[] rows) => new()
    {
        Contender = contender,
        Workload = workload,
        Repetition = 1,
        Unit = unit,
        Rows = rows.ToDictionary(r => r.Name, r => r.Values),
    };
}
