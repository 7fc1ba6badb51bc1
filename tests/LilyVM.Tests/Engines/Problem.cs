namespace LilyVM.Tests.Engines;

/// <summary>What an engine says that cannot run here.</summary>
internal static class Problem
{
    /// <summary>It must name what to do, and the engine that needs nothing.</summary>
    internal static void AssertNames(string remedy, string problem)
    {
        Assert.Contains(remedy, problem, StringComparison.Ordinal);
        Assert.Contains("--engine user", problem, StringComparison.Ordinal);
    }
}
