using LilyVM.Bench.Contenders;
using LilyVM.Bench.Report;
using LilyVM.Bench.Results;
using LilyVM.Bench.Setup;
using LilyVM.Bench.Workloads;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Bench;

public class SpeedLimitTests
{
    [Theory]
    [InlineData(1.0, "Aim")]
    [InlineData(1.9, "Aim")]
    [InlineData(4.9, "Met")]
    [InlineData(9, "Missed")]
    public void A_row_is_judged_by_how_many_times_native_it_takes(double user, string verdict) =>
        Assert.Equal(verdict, Limit("null-call", HostItself.TheName).Verdict(Results(100, user, "null-call")).ToString());

    [Theory]
    [InlineData(0.12, "Aim")]
    [InlineData(0.3, "Met")]
    [InlineData(0.4, "Missed")]
    public void Where_the_host_has_no_figure_the_row_s_own_is_judged(double seconds, string verdict) =>
        Assert.Equal(verdict, Limit("boot-to-end", null).Verdict(Results(null, seconds, "boot-to-end")).ToString());

    [Fact]
    public void What_was_not_measured_is_not_judged()
    {
        Assert.Equal(SpeedVerdict.Unknown, Limit("null-call", HostItself.TheName).Verdict(Results(null, 1, "null-call")));
        Assert.Null(LimitTable.Of(Results(null, 1, "null-call")));
        Assert.Null(LimitTable.Of(Results(100, 1, "null-call") with { Target = BenchTarget.I386 }));
    }

    [Fact]
    public void The_report_says_what_was_reached()
    {
        var output = new StringWriter();
        LimitTable.Of(Results(100, 9, "null-call"))!.Write(output);
        Assert.Matches(@"getppid +null-call +0\.05 +0\.02 +0\.090 +MISSED", output.ToString());
    }

    [Fact]
    public void Every_limit_is_of_a_row_that_is_measured()
    {
        string measured = string.Join('\n', Directory.EnumerateFiles(Path.Combine(Repository.Root, "bench", "micro"),
            "*.c").Select(File.ReadAllText));
        string[] others =
        [
            ShellWorkload.Forks, CompileWorkload.TheName, BootWorkload.ToEnd, MemoryWorkload.Most.Name + MemoryWorkload.BeyondRam,
        ];
        Assert.All(SpeedLimit.Of(BenchTarget.X64), limit => Assert.True(
            others.Contains(limit.Row) || measured.Contains($"{{\"{limit.Row}\", ", StringComparison.Ordinal), limit.Row));
    }

    private static SpeedLimit Limit(string row, string? measure) =>
        SpeedLimit.Of(BenchTarget.X64).Single(l => l.Row == row && l.Measure == measure);

    private static ExperimentResults Results(double? native, double user, string row) => new(
        BenchTarget.X64,
        [.. native is { } value ? (Cell[])[Cell(HostItself.TheName, row, value)] : [], Cell(LilyVMEngine.User, row, user)],
        [],
        new Dictionary<string, string>(),
        new HostDescription("", 1, 1, "", Virtualized: false, "", ""));

    private static Cell Cell(string contender, string row, double value) => new()
    {
        Contender = contender,
        Workload = "any",
        Repetition = 1,
        Unit = "s",
        Rows = new Dictionary<string, double[]> { [row] = [value] },
    };
}
