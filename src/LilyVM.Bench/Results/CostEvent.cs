namespace LilyVM.Bench.Results;

/// <summary>Something that costs the user engine time each time it happens.</summary>
/// <param name="Name">What happens.</param>
/// <param name="Counter">The engine's counter of it, which stands for others that always come with it.</param>
internal sealed record CostEvent(string Name, string Counter)
{
    private static readonly CostEvent[] OfBoth =
    [
        new("system calls by signal", "signalled-system-calls"),
        new("page faults", "page-fault-signals"),
        new("process switches", "batons"),
    ];

    private static readonly CostEvent[] OfI386 =
    [
        new("system calls by far call", "fast-system-calls"), .. OfBoth,
        new("pages mapped", "mmaps"),
        new("pages protected", "mprotects"),
    ];

    // One mapping brings neighbours along, and each page costs a host that is itself a guest a fault of its own (shadow page tables).
    private static readonly CostEvent[] OfX64 =
    [
        new("system calls from patched code", "fast-system-calls"), .. OfBoth,
        new("calls of mmap", "mmaps"),
        new("pages mapped", "pages-mapped"),
        new("large pages mapped", "large-pages"),
        new("calls of mprotect", "mprotects"),
    ];

    /// <summary>Those of an architecture's guests.</summary>
    internal static IReadOnlyList<CostEvent> Of(BenchTarget target) => target == BenchTarget.X64 ? OfX64 : OfI386;
}
