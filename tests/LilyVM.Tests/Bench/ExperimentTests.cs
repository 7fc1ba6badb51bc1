using LilyVM.Bench.Contenders;
using LilyVM.Bench.Results;
using LilyVM.Bench.Run;
using LilyVM.Cli.Guests;
using LilyVM.Tests.Recipes;

namespace LilyVM.Tests.Bench;

public sealed class ExperimentTests : IDisposable
{
    private static readonly ScriptWorkload Good = new("good", "echo '@row one 5 10 20 30'; echo '@row two 5 7'", Times: 3);
    private static readonly ScriptWorkload Bad = new("bad", "echo '@row one 5 10'; echo it is broken; exit 3", Times: 3);

    private readonly ScratchFolder scratch = new();
    private readonly ShellContender native = new(HostItself.TheName), other = new("other", slow: true);

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void Contenders_take_turns_and_slow_ones_fewer()
    {
        IEnumerable<string> turns = Schedule.Of([native, other], [Good, Bad], 3)
            .Select(t => $"{t.Workload.Name} {t.Contender.Name} {t.Repetition}");
        Assert.Equal(
            [
                "good native 1", "good other 1", "bad native 1", "bad other 1", "good native 2", "bad native 2", "good native 3",
                "bad native 3",
            ],
            turns);
    }

    [Fact]
    public void What_fails_is_told_and_not_tried_again()
    {
        IReadOnlyList<Cell> cells = Run([Good, Bad]);
        Cell failed = Assert.Single(cells, c => c.Failure is not null && c.Contender == HostItself.TheName);
        Assert.Equal(("bad", 1, "it is broken"), (failed.Workload, failed.Repetition, failed.Failure));
        Assert.Empty(failed.Rows);
        Assert.Equal([10, 20, 30], cells[0].Rows["one"]);
        Assert.Equal(3, cells.Count(c => c is { Workload: "good", Contender: HostItself.TheName }));
    }

    [Fact]
    public void A_contender_that_cannot_even_start_is_told()
    {
        Cell cell = Assert.Single(Run([new ScriptWorkload("nothing", "exit 0")]), c => c.Contender == "other");
        Assert.Equal("it ended with status 0", cell.Failure);
    }

    [Fact]
    public void An_interrupted_run_goes_on_where_it_was()
    {
        string path = scratch["log"];
        using (RunLog log = RunLog.Open(path, "this run", fresh: false))
            Experiment.Run([.. Turns([Good]).Take(2)], log);
        File.AppendAllText(path, "{\"Contender\": \"na"); // the power went
        using (RunLog log = RunLog.Open(path, "this run", fresh: false))
        {
            Assert.Equal(2, log.Finished.Count);
            Assert.Equal(4, Experiment.Run(Turns([Good]), log).Count);
        }
        Assert.Equal((3, 1), (native.Starts, other.Starts));
        using (RunLog log = RunLog.Open(path, "this run", fresh: false))
        {
            Assert.Equal([10, 20, 30], log.Finished[3].Rows["one"]);
            log.Complete();
        }
        Assert.False(File.Exists(path));
    }

    [Theory]
    [InlineData("this run", true)]
    [InlineData("another run", false)]
    public void Another_run_begins_anew(string what, bool fresh)
    {
        using (RunLog log = RunLog.Open(scratch["log"], "this run", fresh: false))
            log.Write(new Cell { Contender = "a", Workload = "b", Repetition = 1, Unit = "s" });
        using RunLog next = RunLog.Open(scratch["log"], what, fresh);
        Assert.Empty(next.Finished);
    }

    private Experiment Experiment => new(new LineProgress(TextWriter.Null), scratch["turn"]);

    private IReadOnlyList<Turn> Turns(IReadOnlyList<ScriptWorkload> workloads) => Schedule.Of([native, other], workloads, 3);

    private IReadOnlyList<Cell> Run(IReadOnlyList<ScriptWorkload> workloads)
    {
        using RunLog log = RunLog.Open(scratch["log"], "run", fresh: true);
        return Experiment.Run(Turns(workloads), log);
    }
}
