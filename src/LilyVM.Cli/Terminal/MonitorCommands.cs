namespace LilyVM.Cli.Terminal;

/// <summary>A command of the monitor.</summary>
/// <param name="Name">Its name, which may be shortened.</param>
/// <param name="Others">Words that mean it too: those of QEMU's monitor, and single letters that would be short for several.</param>
/// <param name="Meaning">What it does, for the help.</param>
internal sealed record MonitorCommand(string Name, string[] Others, string Meaning);

/// <summary>The commands of the monitor, and the words for what it has not.</summary>
internal static class MonitorCommands
{
    internal const string
        Counters = "counters", Registers = "registers", Pause = "pause", Continue = "continue", Quit = "quit", Help = "help";

    /// <summary>All of them, in the order of the help.</summary>
    internal static IReadOnlyList<MonitorCommand> All { get; } =
    [
        new(Counters, ["info counters"], "what the engine counted"),
        new(Registers, ["info registers"], "the guest's registers"),
        new(Pause, ["stop", "s"], "hold the guest"),
        new(Continue, ["c", "cont"], "let the guest go on, and back to its console (Ctrl-D does it, too)"),
        new(Quit, ["exit"], "end the machine (the guest is not asked)"),
        new(Help, ["?"], "this list; names may be shortened"),
    ];

    /// <summary>The commands that a word may mean: one, or none, or several if it is too short.</summary>
    internal static IReadOnlyList<string> Meant(string word) =>
        All.FirstOrDefault(c => c.Name == word || c.Others.Contains(word)) is { } exact
            ? [exact.Name]
            : [.. All.Where(c => c.Name.StartsWith(word, StringComparison.Ordinal)).Select(c => c.Name)];

    /// <summary>The list for people.</summary>
    internal static string Text => string.Concat(All.Select(c => $"{c.Name.PadRight(All.Max(a => a.Name.Length))}  {c.Meaning}\n"));
}
