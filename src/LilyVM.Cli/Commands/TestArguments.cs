namespace LilyVM.Cli.Commands;

/// <summary>What <c>lilyvm test</c> was given, and what the test runner is given for it.</summary>
/// <param name="WithExperiments">Whether the tests that take minutes and the short experiments are wanted too.</param>
/// <param name="ForRunner">The runner's arguments.</param>
internal sealed record TestArguments(bool WithExperiments, IReadOnlyList<string> ForRunner)
{
    private const string All = "--all", Filter = "--filter-method", Query = "--filter-query", NoProgress = "--no-progress";

    /// <summary>
    /// <c>[--all] [WORD...] [option of the runner...]</c>: words choose tests by a part of their name; from
    /// the first option on, all is for the runner.
    /// </summary>
    /// <param name="given">The words.</param>
    /// <param name="onTerminal">Whether somebody watches; the runner then shows by itself what runs.</param>
    internal static TestArguments Parse(IEnumerable<string> given, bool onTerminal)
    {
        string[] words = [.. given];
        bool all = words.Contains(All);
        string[] rest = [.. words.Where(w => w != All)];
        List<string> runner = [.. rest.TakeWhile(IsWord).SelectMany(w => (string[])[Filter, $"*{w}*"]), .. rest.SkipWhile(IsWord)];
        if (all)
            runner.AddRange(["--explicit", "on"]);
        else if (!runner.Contains(Query))
            runner.AddRange(["--filter-not-trait", "Takes=minutes"]); // they would be reported as skipped
        if (!onTerminal && !runner.Contains(NoProgress))
            runner.Add(NoProgress);
        return new TestArguments(all, runner);
    }

    private static bool IsWord(string argument) => !argument.StartsWith('-');
}
