namespace LilyVM.Bench;

/// <summary>What the user asked for.</summary>
/// <param name="Lab">The experiment in the lab instead of on this host.</param>
/// <param name="Quick">The short form.</param>
/// <param name="Json">File for the figures.</param>
/// <param name="Plots">Folder for the plots.</param>
/// <param name="Repetitions">Turns of each contender.</param>
/// <param name="Only">Names of contenders; all if empty.</param>
/// <param name="Target">Architecture of the guests; those that this host runs directly if null.</param>
/// <param name="Report">File with figures of an earlier run, which are told again as Markdown; then nothing is measured.</param>
/// <param name="Fresh">Whether an interrupted run is forgotten.</param>
internal sealed record BenchOptions(bool Lab, bool Quick, string? Json, string? Plots, int Repetitions, IReadOnlyList<string> Only,
    BenchTarget? Target, string? Report, bool Fresh);
