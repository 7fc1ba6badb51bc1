using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using LilyVM.Cli.Guests;
using LilyVM.Cli.Terminal;
using LilyVM.Engines.User;

namespace LilyVM.Cli.Commands;

/// <summary>lilyvm test: runs the built tests of this checkout. <c>./lilyvm test</c> builds them first.</summary>
internal static class TestCommand
{
    /// <summary>Tells the tests, by a number of seconds, how often to say on standard error which of them run.</summary>
    internal const string PulseVariable = "LILYVM_TEST_PULSE";

    private const int NoTestRan = 8; // the runner's exit status

    internal static Command Create()
    {
        var words = new Argument<string[]>("word")
        {
            Description = "Only the tests whose names hold one of these words.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var all = new Option<bool>("--all") { Description = "Also the tests that take minutes, and the two short experiments." };
        var command = new Command("test", "Run LilyVM's tests, in a checkout. Options of the test runner may follow the words.")
        {
            words, all,
        };
        command.TreatUnmatchedTokensAsErrors = false; // the runner's
        command.SetAction(parsed => Run(
            ProjectFiles.Find(),
            TestArguments.Parse(parsed.Tokens.Skip(1).Select(t => t.Value).Where(t => t != "--"), onTerminal: RawTerminal.IsTerminal(1)),
            parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(ProjectFiles files, TestArguments arguments, TextWriter output)
    {
        string folder = Path.Combine(files.Home, "artifacts", "test-results");
        string name = string.Create(CultureInfo.InvariantCulture, $"results-{Environment.ProcessId}.json"),
            report = Path.Combine(folder, name);
        string[] wanted = ["--results-directory", folder, "--report-ctrf", "--report-ctrf-filename", name];
        int status = RunBuilt(files, "LilyVM.Tests", [.. wanted, .. arguments.ForRunner]);
        TestCounts? read = TestCounts.Read(report);
        File.Delete(report);
        if (read is null && status == 0)
            return 0; // asked for a list or the like
        TestCounts counts = read ?? new TestCounts(0, 1, 0);
        if (status == NoTestRan)
            output.WriteLine("No test has such a name.");
        if (arguments.WithExperiments)
        {
            foreach (string[] where in (string[][])[[], ["--lab"]])
            {
                string figures = Path.Combine(folder, $"bench{string.Concat(where)}.json");
                int experiment = RunBuilt(files, "LilyVM.Bench", [.. where, "--quick", "--fresh", "--json", figures]);
                counts = counts.With(passed: experiment == 0);
                status = status == 0 ? experiment : status;
            }
        }
        output.WriteLine(counts);
        return status;
    }

    // Programs that are compiled just in time. They have our standard streams, and end when we do.
    private static int RunBuilt(ProjectFiles files, string name, IEnumerable<string> arguments)
    {
        string program = Path.Combine(files.Home, "artifacts", "bin", name, "release", name + ".dll");
        if (!File.Exists(program))
            throw new LilyVMException($"{program} is not built; run ./lilyvm test, which builds it.");
        new Tool("dotnet", "dotnet-sdk-10.0").RequireInPath();
        var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "TERM", "dotnet", program, .. arguments]);
        start.Environment[ProjectFiles.HomeVariable] = files.Home;
        if (!RawTerminal.IsTerminal(1))
            start.Environment[PulseVariable] = LineProgress.LongestSilence.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        using Process process = Tool.StartByUtilLinux(start);
        // Ctrl-C and Ctrl-\ reach it by the terminal; it ends in its own time, and then we do.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            HostCalls.Kill(process.Id, 15);
        });
        process.WaitForExit();
        return process.ExitCode;
    }
}
