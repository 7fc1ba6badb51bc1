using System.CommandLine;
using System.CommandLine.Invocation;
using LilyVM.Cli.Commands;
using LilyVM.Cli.Containers;
using LilyVM.Cli.Guests;
using LilyVM.Cli.Help;
using LilyVM.Cli.Terminal;
using LilyVM.Cli.Words;

namespace LilyVM.Cli;

/// <summary>The lilyvm command. Users' mistakes end in one sentence on standard error; only a bug of ours shows a stack trace.</summary>
internal static class Program
{
    internal const int Failure = 1, WrongUsage = 2;

    private const int EndedByBrokenPipe = 128 + 13; // as other programs, which SIGPIPE ends

    // A word that begins with @ is no file of words, and -hda is not -h, -d and -a.
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    private static int Main(string[] args)
    {
        MissingStreams.Fill();
        // Not System.Console, here or anywhere in this program: it switches the keypad of a terminal to another mode, for programs that
        // read keys by it, and the user's shell would find it so.
        using StreamWriter output = StandardStream.Writer(1), errors = StandardStream.Writer(2, mayFail: true);
        using IDisposable limits = HostLimits.Handle(errors);
        return Run(args, output, errors);
    }

    internal static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter errors)
    {
        try
        {
            Command root = CreateRoot();
            ParseResult parsed = root.Parse(Translate(root, args), Parsing);
            if (parsed.Action is not { ClearsParseErrors: true })
                WordChecks.Check(parsed);
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
            return e is UsageException ? WrongUsage : Failure;
        }
    }

    /// <summary>All commands.</summary>
    internal static Command CreateRoot()
    {
        // Not a RootCommand: that one goes by the name of the file that runs.
        return new Command("lilyvm", "LilyVM runs a whole operating system, kernel included, as an ordinary process.")
        {
            HelpPages.CreateOption(),
            CreateVersion(),
            BootCommand.Create(),
            RunCommand.Create(),
            ContainerCommand.Create(),
            DoctorCommand.Create(),
            GuestCommand.Create(),
            CacheCommand.Create(),
            LabCommand.Create(),
            AuditCommand.Create(),
            ConvertCommand.Create(),
            StatsCommand.Create(),
            TestCommand.Create(),
            BenchCommand.Create(),
            HelpCommand.Create(),
        };
    }

    // One line, the same as ./lilyvm prints before anything is built.
    private static VersionOption CreateVersion() => new("--version") { Description = "Show the version.", Action = new VersionAction() };

    private static IReadOnlyList<string> Translate(Command root, IReadOnlyList<string> args) =>
        args is [ContainerCommand.Name, "run", ..]
            ? ContainerWords.Translate(root.Subcommands.First(c => c.Name == ContainerCommand.Name).Subcommands[0], args)
            : args.Count > 0 && root.Subcommands.FirstOrDefault(c => c.Name == args[0]) is { } command && QemuWords.AreTakenBy(command)
            ? new QemuWords(command).Translate(args)
            : args;

    private sealed class VersionAction : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"lilyvm {typeof(Program).Assembly.GetName().Version?.ToString(3)}");
            return 0;
        }
    }
}
