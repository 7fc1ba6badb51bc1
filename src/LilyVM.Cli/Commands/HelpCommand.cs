using System.CommandLine;
using LilyVM.Cli.Words;

namespace LilyVM.Cli.Commands;

/// <summary>lilyvm help: the page of a command, or of QEMU's options.</summary>
internal static class HelpCommand
{
    private const string Qemu = "qemu";

    internal static Command Create()
    {
        var words = new Argument<string[]>("command")
        {
            Description = $"The command, or {Qemu} for QEMU's options.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("help", "Show the help of a command, or what QEMU's options are here.") { words };
        command.SetAction(parsed =>
        {
            string[] asked = parsed.GetValue(words) ?? [];
            if (asked is [Qemu])
            {
                foreach (string line in QemuReference.Lines())
                    parsed.InvocationConfiguration.Output.WriteLine(line);
                return 0;
            }
            Command root = command.Parents.OfType<Command>().Single(), place = root;
            foreach (string word in asked)
                place = place.Subcommands.FirstOrDefault(c => c.Name == word)
                    ?? throw Unknown(word, place.Subcommands, ReferenceEquals(place, root));
            return root.Parse([.. asked, "--help"]).Invoke(parsed.InvocationConfiguration);
        });
        return command;
    }

    private static UsageException Unknown(string word, IEnumerable<Command> commands, bool first)
    {
        IEnumerable<string> names = commands.Select(c => c.Name).Concat(first ? [Qemu] : []);
        return new($"There is no help on '{word}'{(NearestWord.To(word, names) is { } nearest ? $", perhaps {nearest} is meant" : "")}; " +
            "see lilyvm --help.");
    }
}
