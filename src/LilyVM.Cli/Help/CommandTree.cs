using System.CommandLine;
using System.CommandLine.Completions;

namespace LilyVM.Cli.Help;

/// <summary>A command as manual and completion see it: all of it comes from the tree that the command line is parsed by.</summary>
/// <param name="Path">Its words, lilyvm left out.</param>
/// <param name="Command">The command.</param>
internal sealed record CommandNode(string Path, Command Command)
{
    /// <summary>Every command below a root that people see, the root first.</summary>
    internal static IEnumerable<CommandNode> All(Command root, string path = "") => root.Subcommands
        .Where(c => !c.Hidden)
        .SelectMany(c => All(c, $"{path} {c.Name}".TrimStart()))
        .Prepend(new CommandNode(path, root));

    /// <summary>Its options that people see, in the order of help.</summary>
    internal IEnumerable<Option> Options => Command.Options.Where(o => !o.Hidden);

    /// <summary>The commands below it that people see.</summary>
    internal IEnumerable<Command> Commands => Command.Subcommands.Where(c => !c.Hidden);

    /// <summary>The words that an option takes, where it takes one of a few.</summary>
    internal static IReadOnlyList<string> Values(Option option) =>
        option.ValueType == typeof(bool)
            ? [] : [.. option.CompletionSources.SelectMany(s => s(CompletionContext.Empty)).Select(i => i.Label)];

    /// <summary>Whether an option is followed by a value.</summary>
    internal static bool TakesValue(Option option) => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool);

    /// <summary>All names of an option, the long one last.</summary>
    internal static IEnumerable<string> Names(Option option) => option.Aliases.Append(option.Name).Distinct().OrderBy(n => n.Length);
}
