using System.CommandLine;
using LilyVM.Cli.Help;
using LilyVM.Cli.Words;

namespace LilyVM.Cli.Commands;

/// <summary>lilyvm help: the page of a command, or what else is made of the commands.</summary>
internal static class HelpCommand
{
    private const string Qemu = "qemu", Manual = "man";

    // What is no command, by its name.
    private static readonly Dictionary<string, Func<Command, string>> Topics = new(CompletionScripts.All, StringComparer.Ordinal)
    {
        [Qemu] = _ => string.Concat(QemuReference.Lines().Select(l => l + "\n")),
        [Manual] = ManualPage.Write,
    };

    internal static Command Create()
    {
        var words = new Argument<string[]>("command")
        {
            Description = $"The command; {Qemu} for QEMU's options, {Manual} for the manual page (roff), " +
                $"{string.Join(", ", CompletionScripts.All.Keys)} for a shell's completion.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("help", "Show the help of a command, what QEMU's options are here, or the manual page.") { words };
        command.SetAction(parsed =>
        {
            string[] asked = parsed.GetValue(words) ?? [];
            Command root = command.Parents.OfType<Command>().Single(), place = root;
            if (asked is [string topic] && Topics.TryGetValue(topic, out Func<Command, string>? write))
            {
                parsed.InvocationConfiguration.Output.Write(write(root));
                return 0;
            }
            foreach (string word in asked)
                place = place.Subcommands.FirstOrDefault(c => c.Name == word)
                    ?? throw Unknown(word, place.Subcommands, ReferenceEquals(place, root));
            return root.Parse([.. asked, "--help"]).Invoke(parsed.InvocationConfiguration);
        });
        return command;
    }

    private static UsageException Unknown(string word, IEnumerable<Command> commands, bool first)
    {
        IEnumerable<string> names = commands.Select(c => c.Name).Concat(first ? Topics.Keys : []);
        return new($"There is no help on '{word}'{(NearestWord.To(word, names) is { } nearest ? $", perhaps {nearest} is meant" : "")}; " +
            "see lilyvm --help.");
    }
}
