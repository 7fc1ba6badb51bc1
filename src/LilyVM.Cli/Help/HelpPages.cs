using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using LilyVM.Cli.Terminal;

namespace LilyVM.Cli.Help;

/// <summary>
/// The pages of --help: what System.CommandLine makes of commands and options, and the parts of <see cref="HelpSections"/>.
/// </summary>
internal static class HelpPages
{
    private const int WidthWithoutTerminal = 100;

    /// <summary>The option --help for all commands. Not the library's names: /h and /? may be files.</summary>
    internal static Option CreateOption()
    {
        var option = new HelpOption("--help", "-h") { Description = "Show this." };
        option.Action = new Page((HelpAction)option.Action!);
        return option;
    }

    /// <summary>The command names up to this one, the first left out.</summary>
    private static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}".TrimStart() : "";

    private sealed class Page(HelpAction library) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true; // as the library's own: help is what somebody wants whose words are not complete

        public override int Invoke(ParseResult parseResult)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            int width = StandardStream.TerminalWidth(output) ?? WidthWithoutTerminal; // the library would ask System.Console
            library.MaxWidth = width;
            int status = library.Invoke(parseResult);
            foreach (HelpSection section in HelpSections.Of(PathOf(parseResult.CommandResult.Command)))
                section.Write(output, width);
            return status;
        }
    }
}
