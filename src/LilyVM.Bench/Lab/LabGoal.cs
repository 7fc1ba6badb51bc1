using System.Globalization;

namespace LilyVM.Bench.Lab;

/// <summary>What the kernel engine must reach in a row.</summary>
/// <param name="Row">The row.</param>
/// <param name="Measure">The contender it is compared with.</param>
/// <param name="Times">At most so many times what that takes.</param>
/// <param name="More">At most so many instructions more.</param>
internal sealed record LabGoal(string Row, string Measure, double Times, double More = 0)
{
    // Half of the last digit that the goals are given with.
    private const double Tolerance = 0.005;

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<LabGoal> All { get; } =
    [
        new("cpu-integer", BareMachine.TheName, 1), new("null-call", BareMachine.TheName, 1, 120),
        new("page-fault-anon", BareMachine.TheName, 1.25),
        new("pipe-round-trip", BareMachine.TheName, 1.6), new("fork-exit", BareMachine.TheName, 1.25),
        new("vfork-exec", BareMachine.TheName, 1.15),
        new(LoadWorkload.TheName, BareMachine.TheName, 1.1), new(LoadWorkload.TheName, LabEngine.User, 0.7),
        new(CompileWorkload.TheName, BareMachine.TheName, 1.1), new(CompileWorkload.TheName, LabEngine.User, 0.7),
    ];

    /// <summary>The goal in words, with whether a row reaches it if that can be told.</summary>
    internal string Verdict(ResultRow row)
    {
        string goal = More > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{More} more than {Measure}")
            : string.Create(CultureInfo.InvariantCulture, $"{Times} times {Measure}");
        if (!row.Values.TryGetValue(LabEngine.Kernel, out Statistics? its) || !row.Values.TryGetValue(Measure, out Statistics? measure))
            return goal;
        return $"{goal}: {(its.Minimum <= measure.Minimum * (Times + Tolerance) + More ? "met" : "MISSED")}";
    }
}
