using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using LilyVM.Cli.Commands;
using LilyVM.Cli.Guests;
using LilyVM.Cli.Terminal;

namespace LilyVM.Cli;

/// <summary>The lilyvm command. Users' mistakes end in one sentence on standard error; only a bug of ours shows a stack trace.</summary>
internal static class Program
{
    internal const int Failure = 1, WrongUsage = 2;

    private const int EndedByBrokenPipe = 128 + 13; // as other programs, which SIGPIPE ends
    private const int WidthWithoutTerminal = 160;

    private static int Main(string[] args)
    {
        MissingStreams.Fill();
        // Not System.Console, here or anywhere in this program: it switches the keypad of a terminal to another mode, for programs that read keys by it,
        // and the user's shell would find it so.
        using StreamWriter output = StandardStream.Writer(1), errors = StandardStream.Writer(2, mayFail: true);
        using IDisposable limits = HostLimits.Handle(errors);
        return Run(args, output, errors);
    }

    internal static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter errors)
    {
        // Not a RootCommand: that one goes by the name of the file that runs.
        var root = new Command("lilyvm", "LilyVM runs a whole IA-32 operating system as an ordinary process.")
        {
            Help(output),
            new VersionOption(),
            BootCommand.Create(),
            RunCommand.Create(),
            DoctorCommand.Create(),
            GuestCommand.Create(),
            CacheCommand.Create(),
            LabCommand.Create(),
            AuditCommand.Create(),
            ConvertCommand.Create(),
            StatsCommand.Create(),
            TestCommand.Create(),
        };
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            string problem = parsed.UnmatchedTokens.Count > 0 ? $"'{parsed.UnmatchedTokens[0]}' is not understood" : OneLine(parsed.Errors[0].Message);
            errors.WriteLine($"lilyvm: {problem}; see lilyvm {Path(parsed)}--help.");
            return WrongUsage;
        }
        try
        {
            return parsed.Invoke(new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false });
        }
        catch (IOException e) when (e.HResult == StandardStream.BrokenPipe)
        {
            return EndedByBrokenPipe; // its reader has had enough, as in `lilyvm stats FILE | head -1`: nothing to complain of
        }
        catch (Exception e) when (e is LilyVMException or IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            errors.WriteLine("lilyvm: " + e switch
            {
                OutOfMemoryException => HostLimits.Exhausted,
                IOException { HResult: HostLimits.DiskFull } => $"{e.Message.TrimEnd('.')}; {Tool.DiskFullRemedy}.",
                _ => e.Message,
            });
            return Failure;
        }
    }

    // As wide as the terminal; the library would ask System.Console.
    private static HelpOption Help(TextWriter output)
    {
        var help = new HelpOption();
        ((HelpAction)help.Action!).MaxWidth = StandardStream.TerminalWidth(output) ?? WidthWithoutTerminal;
        return help;
    }

    // The library lists the words that are allowed on a line each.
    private static string OneLine(string message) =>
        message.TrimEnd('.').ReplaceLineEndings("").Replace("of:\t", "of: ", StringComparison.Ordinal).Replace("\t", ", ", StringComparison.Ordinal);

    // The names of the commands up to the one that was meant, so that the hint fits.
    private static string Path(ParseResult parsed)
    {
        string path = "";
        for (SymbolResult? command = parsed.CommandResult; command is CommandResult { Parent: not null } inner; command = command.Parent)
            path = inner.Command.Name + " " + path;
        return path;
    }
}
