using LilyVM.Bench.Contenders;
using LilyVM.Bench.Results;
using LilyVM.Bench.Setup;
using LilyVM.Bench.Workloads;

namespace LilyVM.Tests.Bench;

public class CostModelTests
{
    // Seconds that each costs on an invented engine; its kernel takes 0.6 of the host kernel's time.
    private static readonly Dictionary<string, double> Costs = new()
    {
        ["fast-system-calls"] = 2e-7,
        ["signalled-system-calls"] = 5e-6,
        ["page-fault-signals"] = 4e-6,
        ["mmaps"] = 7e-6,
        ["mprotects"] = 1e-6,
        ["batons"] = 6e-6,
        ["pages-mapped"] = 3e-6,
        ["large-pages"] = 20e-6,
    };

    private static readonly IReadOnlyList<string> CountersOfI386 = [.. CostEvent.Of(BenchTarget.I386).Select(e => e.Counter)];

    private const double KernelSaves = 0.4, Native = 1, NativeSystem = 0.5;

    [Fact]
    public void Costs_found_in_the_primitives_predict_the_compilation()
    {
        var counts = new Dictionary<string, long>
        {
            ["fast-system-calls"] = 400_000,
            ["page-fault-signals"] = 300_000,
            ["mmaps"] = 250_000,
            ["batons"] = 5_000
        };
        CostModel model = CostModel.Of("user", Results(counts, extra: 0))!;
        Assert.Equal(Overhead(counts), model.Measured, 1e-9);
        Assert.Equal(0, model.Error, 1e-3);
        Assert.Equal(250_000 * 7e-6, model.Parts.Single(p => p.Name == "pages mapped").Seconds, 1e-3);
        Assert.Equal(-NativeSystem * KernelSaves, model.Parts[0].Seconds, 1e-3);
    }

    [Fact]
    public void What_the_primitives_do_not_explain_is_an_error()
    {
        var counts = new Dictionary<string, long> { ["page-fault-signals"] = 300_000 };
        CostModel model = CostModel.Of("user", Results(counts, extra: Overhead(counts)))!;
        Assert.Equal(-0.5, model.Error, 1e-3);
    }

    [Fact]
    public void The_rest_of_the_compilation_takes_as_much_longer_as_rows_that_compute()
    {
        var counts = new Dictionary<string, long> { ["page-fault-signals"] = 300_000 };
        ExperimentResults all = Results(counts, extra: (Native - NativeSystem) * 0.1);
        Cell Row(string contender, double value) => new()
        {
            Contender = contender,
            Workload = "micro",
            Repetition = 1,
            Unit = "ns",
            Rows = new Dictionary<string, double[]> { ["cpu-integer"] = [value], ["fpu-x87"] = [value], ["latency-16M"] = [value * value] },
        };
        CostModel model = CostModel.Of(
            "user", new ExperimentResults(BenchTarget.I386, [.. all.Cells, Row(HostItself.TheName, 10), Row("user", 11)], all.Contenders,
                all.Skipped,
                all.Host))!;
        Assert.Equal(0.05, model.Parts[^1].Seconds, 1e-9);
        Assert.Equal(0, model.Error, 1e-3);
    }

    [Fact]
    public void The_counters_of_an_architecture_are_its_own_and_where_the_guest_is_as_fast_the_error_is_of_all_the_time()
    {
        var counts = new Dictionary<string, long> { ["page-fault-signals"] = 300_000 };
        ExperimentResults all = Results(counts, extra: Overhead(counts), [.. CostEvent.Of(BenchTarget.X64).Select(e => e.Counter)]);
        CostModel model = CostModel.Of("user", all with { Target = BenchTarget.X64 })!;
        Assert.Contains("large pages mapped", model.Parts.Select(p => p.Name));
        double overhead = Overhead(counts);
        Assert.Equal(-overhead / (Native + 2 * overhead), model.Error, 1e-3);
    }

    [Fact]
    public void Without_a_compilation_or_counters_there_is_no_model()
    {
        ExperimentResults all = Results([], extra: 1);
        Assert.Null(CostModel.Of("user", all with { Cells = [] }));
        Assert.Null(CostModel.Of(HostItself.TheName, all));
        Assert.Null(CostModel.Of("qemu", all));
    }

    private static double Overhead(Dictionary<string, long> counts) => counts.Sum(c => c.Value * Costs[c.Key]) - NativeSystem * KernelSaves;

    // For each counter a primitive that makes mostly that, but also others.
    private static ExperimentResults Results(Dictionary<string, long> compiled, double extra, IReadOnlyList<string>? counters = null)
    {
        List<Cell> cells = [.. Cells(CountWorkload.Prefix + CountWorkload.Nothing, CountWorkload.Prefix + CountWorkload.Nothing, Base, 0),
            .. Cells(CountWorkload.Prefix + CountWorkload.Preparation, CountWorkload.Prefix + CountWorkload.Preparation, Base, 0)];
        int other = 10_000;
        counters ??= CountersOfI386;
        foreach (string counter in counters.Append("none"))
        {
            var counts = counters.ToDictionary(c => c, c => c == counter ? 200_000L : other += 3_000);
            cells.AddRange(Cells(CountWorkload.Prefix + counter, CountWorkload.Prefix + counter, Plus(counts), Overhead(counts)));
        }
        cells.AddRange(Cells(CompileWorkload.TheName, CompileWorkload.TheName, Plus(compiled), Overhead(compiled) + extra));
        return new ExperimentResults(
            BenchTarget.I386,
            cells,
            [(HostItself.TheName, ""), ("user", "")],
            new Dictionary<string, string>(),
            new HostDescription("", 1, 1, "", Virtualized: false, "", ""));
    }

    // What a boot counts, which is not the primitive's.
    private static Dictionary<string, long> Base => Costs.Keys.ToDictionary(c => c, _ => 1_000L);

    private static Dictionary<string, long> Plus(Dictionary<string, long> counts) =>
        Base.ToDictionary(c => c.Key, c => c.Value + counts.GetValueOrDefault(c.Key));

    private static IEnumerable<Cell> Cells(string workload, string row, Dictionary<string, long> counters, double overhead)
    {
        Cell Of(string contender, double seconds) => new()
        {
            Contender = contender,
            Workload = workload,
            Repetition = 1,
            Unit = "s",
            Counters = counters,
            Rows = new Dictionary<string, double[]> { [row] = [seconds], [row + CostModel.SystemTime] = [NativeSystem] },
        };
        return [Of(HostItself.TheName, Native), Of("user", Native + overhead)];
    }
}
