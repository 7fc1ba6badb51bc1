using System.Globalization;

namespace LilyVM.Bench.Workloads;

/// <summary>
/// Something done a fixed number of times, for counting: what the engine counts in it is the same at each run, so counts and times together
/// tell what each counted thing costs (<see cref="Results.CostModel"/>).
/// </summary>
/// <param name="Row">What, with dashes.</param>
/// <param name="Text">The script.</param>
internal sealed record CountWorkload(string Row, string Text) : Workload(Prefix + Row, Seconds)
{
    internal const string Prefix = "count-", Nothing = "nothing", Preparation = "preparation";

    // About a second each in a guest of the user engine.
    private static readonly (string Row, int Times)[] Primitives =
    [
        ("cpu-integer", 200_000_000), ("null-call", 2_000_000), ("read-zero", 1_000_000), ("read-4K", 500_000), ("stat", 300_000),
        ("open-close", 200_000), ("mmap-1M", 50_000),
        ("signal-deliver", 50_000), ("protection-fault", 50_000), ("page-fault-anon", 40_000), ("page-fault-plain", 200_000),
        ("page-fault-cold", 20_000),
        ("page-fault-file", 40_000), ("page-fault-cow", 30_000), ("fork-exit", 2_000), ("fork-exec", 500), ("vfork-exec", 500),
        ("fork-dynamic", 200), ("fork-sh", 200), ("pipe-round-trip", 20_000), ("ring-8-64K", 20_000), ("file-create-10K", 20_000),
    ];

    /// <summary>The primitives, what boot alone counts, and what the compilation counts before it is timed.</summary>
    internal static IReadOnlyList<CountWorkload> All { get; } =
    [
        Primitive("null-call", 1, Nothing),
        .. Primitives.Select(p => Primitive(p.Row, p.Times)),
        new(Preparation, CompileWorkload.Preparation + Command("null-call", 1)),
    ];

    internal override string Script => Text;

    internal override int Repetitions(int wanted, bool slow) => Math.Min(wanted, 3);

    // From the first clock to the last: what the primitive's preparation costs is counted, so it is timed too.
    internal override IReadOnlyDictionary<string, double[]> Rows(ScriptResult result)
    {
        List<string> clocks = [.. result.Lines.Select(l => l.Text).Where(l => l.StartsWith("@clock ", StringComparison.Ordinal))];
        Dictionary<string, double[]> rows = [];
        if (clocks.Count < 2)
            return rows;
        rows[Name] = [Number(clocks[^1]) - Number(clocks[0])];
        AddSystemTime(Name, result, rows);
        return rows;
    }

    private static double Number(string line) => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>A primitive, that many times; <paramref name="name"/> if that is another than its own.</summary>
    internal static CountWorkload Primitive(string row, int times, string? name = null) => new(name ?? row, "exec " + Command(row, times));

    private static string Command(string row, int times) =>
        string.Create(CultureInfo.InvariantCulture, $"/bench/micro --fixed {times} {row}\n");
}
