using LilyVM.Bench.Contenders;
using LilyVM.Bench.Report;
using LilyVM.Bench.Results;
using LilyVM.Bench.Run;
using LilyVM.Bench.Setup;
using LilyVM.Cli.Guests;
using LilyVM.Tests.Recipes;

namespace LilyVM.Tests.Bench;

public sealed class OutlierTests : ScratchTest
{
    // Tells a figure at each start, the next of the list.
    private const string Next = "read -r first <LIST || exit 3; sed -i 1d LIST; echo \"@row one 1 $first\"; echo \"@row two 1 $((first " +
        "* 3))\"";

    [Fact]
    public void A_turn_that_differs_from_its_neighbours_is_done_once_more_and_told()
    {
        ExperimentResults results = Run("100 160 104 102", turns: 3);
        Assert.Equal([100, 104, 102], results.Cells.Where(c => !c.IsReplaced).Select(c => c.Rows["one"][0]));
        Assert.Equal(160, Assert.Single(results.Cells, c => c.IsReplaced).Rows["one"][0]);
        Assert.Equal(102, Assert.Single(results.Rows, r => r.Name == "one").Values["native"].Median);
        Assert.Contains("AGAIN: turn 2 of any on native took 1.54 times what its neighbours took, and then 1.00 times.", Text(results),
            StringComparison.Ordinal);
    }

    [Fact]
    public void It_counts_though_it_differs_again()
    {
        ExperimentResults results = Run("100 160 104 170", turns: 3);
        Assert.Equal([100, 104, 170], results.Cells.Where(c => !c.IsReplaced).Select(c => c.Rows["one"][0]));
        Assert.Contains("and then 1.63 times.", Text(results), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("100 124 98", 3)] // within a quarter
    [InlineData("100 200", 2)] // of two nobody can tell which one is right
    public void Others_are_not(string figures, int turns)
    {
        ExperimentResults results = Run(figures, turns);
        Assert.Equal(turns, results.Cells.Count);
        Assert.DoesNotContain("AGAIN", Text(results), StringComparison.Ordinal);
    }

    [Fact]
    public void A_turn_that_fails_the_second_time_is_told_and_the_first_counts()
    {
        ExperimentResults results = Run("100 160 104", turns: 3); // the list is at its end
        Assert.DoesNotContain(results.Cells, c => c.IsReplaced);
        Assert.Equal(104, Assert.Single(results.Rows, r => r.Name == "one").Values["native"].Median);
        Assert.Single(results.Failures);
    }

    [Fact]
    public void An_interrupted_run_does_not_do_it_twice()
    {
        string path = Scratch["log"];
        Write("100 160 104 102");
        IReadOnlyList<Turn> turns = Turns(3);
        using (RunLog log = RunLog.Open(path, "run", fresh: true))
            Experiment.Run(turns, log);
        using RunLog next = RunLog.Open(path, "run", fresh: false);
        Assert.Equal([100, 160, 104, 102], Experiment.Run(turns, next).Select(c => c.Rows["one"][0]));
    }

    private Experiment Experiment => new(new LineProgress(TextWriter.Null), Scratch["turn"]);

    private ExperimentResults Run(string figures, int turns)
    {
        Write(figures);
        using RunLog log = RunLog.Open(Scratch["log"], "run", fresh: true);
        return new ExperimentResults(BenchTarget.X64, Experiment.Run(Turns(turns), log), [], new Dictionary<string, string>(),
            new HostDescription("", 1, 1, "", Virtualized: false, "", ""));
    }

    private void Write(string figures) => File.WriteAllLines(Scratch["list"], figures.Split(' '));

    private IReadOnlyList<Turn> Turns(int count) => Schedule.Of(
        [new ShellContender(HostItself.TheName)],
        [new ScriptWorkload("any", Next.Replace("LIST", Scratch["list"], StringComparison.Ordinal), Times: count)],
        count);

    private static string Text(ExperimentResults results)
    {
        var output = new StringWriter();
        ResultReport.Write(output, results);
        return output.ToString();
    }
}
