using System.Text.Json;
using LilyVM.Bench.Lab;
using LilyVM.Bench.Report;
using LilyVM.Bench.Results;
using LilyVM.Bench.Setup;
using LilyVM.Bench.Workloads;
using LilyVM.Tests.Recipes;

namespace LilyVM.Tests.Bench;

public sealed class LabReportTests : ScratchTest
{
    private static readonly LabPolicy Scan = new(KernelMmu.Scan, KernelFpu.Eager);

    private static readonly ExperimentResults Results = new(
        BenchTarget.I386,
        [
            Cell(BareMachine.TheName, "micro", ("null-call", [240, 230]), ("fork-exit", [1000])),
            Cell(LabNative.TheName, "micro", ("null-call", [300])),
            Cell(LabEngine.User, "micro") with { Failure = "it broke" },
            Cell(LabEngine.Kernel, "micro", ("null-call", [400, 350]), ("fork-exit", [1300])),
            Cell(Scan.Contender, "micro", ("fork-exit", [8000])),
            Counted(LabEngine.Kernel, "count-nothing", 100),
            Counted(LabEngine.Kernel, "count-pipe-round-trip", 100),
            Counted(Scan.Contender, "count-nothing", 100),
            Counted(Scan.Contender, "count-pipe-round-trip", 20_100),
            Cell(BareMachine.TheName, LoadWorkload.TheName, ("load", [1.2e9])),
            Cell(LabEngine.Kernel, LoadWorkload.TheName, ("load", [1.3e9])),
        ],
        [(BareMachine.TheName, "a machine"), (LabNative.TheName, "the host"), (LabEngine.User, "u"), (LabEngine.Kernel, "k"),
            (Scan.Contender, "s")],
        new Dictionary<string, string>(),
        new HostDescription("a processor", 2, 1024, "a kernel", Virtualized: true, "madvise", "today"));

    [Fact]
    public void The_table_tells_least_instructions_ratios_goals_and_failures()
    {
        string text = Text(LabTable.Write);
        Assert.Matches(@"null-call +230 +300 \(1\.30\) +350 \(1\.52\) +failed +1\.17 +120 more than bare: met", text);
        Assert.Matches(@"fork-exit +1,000 +1,300 \(1\.30\) +failed +1\.25 times bare: MISSED", text);
        Assert.Matches(@"load +1,200 M +1,300 M \(1\.08\) +1\.1 times bare: met; 0\.7 times lab-user", text);
        Assert.Contains("FAILED: micro on lab-user: it broke.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Policies_stand_side_by_side_with_what_was_counted_in_each()
    {
        string text = Text(PolicyTable.Write);
        Assert.Matches(@"fork-exit +1\.30 +8\.00", text);
        Assert.Matches(@"Counted in a pipe round trip\s[^@]*shadow-fills +0\.00 +4\.00", text);
    }

    [Fact]
    public void One_policy_alone_is_not_compared() =>
        Assert.Equal("", Text((output, results) => PolicyTable.Write(output,
            results with { Contenders = [.. Results.Contenders.Take(4)] })));

    [Fact]
    public void There_are_six_policies_of_which_the_first_is_the_engine_itself()
    {
        Assert.Equal(
            ["lab-kernel", "lab-kernel-lazy-lazy", "lab-kernel-scan-lazy", "lab-kernel-sync-eager", "lab-kernel-lazy-eager",
                "lab-kernel-scan-eager"],
            LabPolicy.All.Select(p => p.Contender));
        Assert.Equal(["--engine", "kernel", "--mmu", "scan", "--fpu", "eager"], Scan.Options);
    }

    [Fact]
    public void Every_goal_is_of_a_row_that_is_measured()
    {
        string[] words = new LabMicroWorkload(1, 1).Script.Split([' ', '\n']);
        Assert.All(LabGoal.All, goal => Assert.Contains(goal.Row, (string[])[.. words, LoadWorkload.TheName, CompileWorkload.TheName]));
    }

    [Fact]
    public void The_plot_is_a_picture_with_the_policies_names()
    {
        Plots.Save(Scratch.Path, null, PolicyPlot.Of(Results), "bench-policies", 420);
        Assert.Equal([0x89, 0x50, 0x4E, 0x47], File.ReadAllBytes(Scratch["bench-policies.png"])[..4]); // \x89PNG
        Assert.Contains("scan MMU, eager FPU", File.ReadAllText(Scratch["bench-policies.svg"]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_s_ratios_are_those_to_the_bare_machine()
    {
        string path = Scratch["results.json"];
        ResultJson.Write(path, Results, BareMachine.TheName);
        JsonElement root = JsonDocument.Parse(File.ReadAllText(path)).RootElement;
        Assert.Equal("bare", root.GetProperty("measure").GetString());
        Assert.Equal(1.3, root.GetProperty("rows")[1].GetProperty("ratiosOfMinima").GetProperty("lab-kernel").GetDouble());
    }

    private static string Text(Action<TextWriter, ExperimentResults> write)
    {
        var output = new StringWriter();
        write(output, Results);
        return output.ToString();
    }

    private static Cell Counted(string contender, string workload, long fills) =>
        new()
        {
            Contender = contender,
            Workload = workload,
            Repetition = 1,
            Unit = Workload.Seconds,
            Counters = new Dictionary<string, long> { ["shadow-fills"] = fills, ["host-nmis"] = 0 },
        };

    private static Cell Cell(string contender, string workload, params (string Name, double[] Values)[] rows) => new()
    {
        Contender = contender,
        Workload = workload,
        Repetition = 1,
        Unit = Workload.Instructions,
        Rows = rows.ToDictionary(r => r.Name, r => r.Values),
    };
}
