using System.Diagnostics;
using LilyVM.Engines.User;

namespace LilyVM.Tests.Support;

/// <summary>The real command as a process of its own.</summary>
internal static class Lilyvm
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3); // ends a test that hangs, as the next one does

    /// <summary>What a run is given.</summary>
    internal static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(6);

    private static readonly string Dotnet =
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "dotnet")).First(File.Exists);

    /// <summary>Program and arguments.</summary>
    internal static string[] CommandLine(params string[] arguments) =>
        [Dotnet, Path.Combine(AppContext.BaseDirectory, "LilyVM.Cli.dll"), .. arguments];

    /// <summary>Runs it on pipes.</summary>
    internal static Command.Result Run(string input, params string[] arguments) =>
        Command.Run(Dotnet, CommandLine(arguments)[1..], input, limit: RunLimit);

    /// <summary>The same with more in its environment.</summary>
    internal static Command.Result Run(string input, string[] arguments, params (string Name, string Value)[] environment) =>
        Run(input, arguments, RunLimit, environment);

    /// <summary>The same with another limit.</summary>
    internal static Command.Result Run(
        string input, string[] arguments, TimeSpan limit, params (string Name, string Value)[] environment) =>
        Command.Run(Dotnet, CommandLine(arguments)[1..], input, environment.ToDictionary(e => e.Name, e => e.Value), limit: limit);

    /// <summary>Starts it with standard input, output and messages on a terminal that controls it.</summary>
    internal static Process StartOn(TestTerminal terminal, params string[] arguments) => StartOn(terminal, arguments, []);

    /// <summary>The same with more in its environment.</summary>
    internal static Process StartOn(TestTerminal terminal, string[] arguments, params (string Name, string Value)[] environment)
    {
        // setsid does not fork here, so the process is that of the command. Who runs the tests may ignore signals, as nohup and shells
        // without job control do.
        const string Script = "t=$0; exec env --default-signal=HUP,INT,QUIT setsid --ctty \"$@\" <\"$t\" >\"$t\" 2>&1";
        var start = new ProcessStartInfo("sh", ["-c", Script, terminal.Name, .. CommandLine(arguments)]);
        start.Environment["TERM"] = "xterm"; // one that programs send codes to
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Waits for its end and returns its exit status.</summary>
    internal static int WaitForEnd(this Process process)
    {
        if (process.WaitForExit(Limit))
            return process.ExitCode;
        process.Kill(entireProcessTree: true);
        throw new TimeoutException("lilyvm does not end.");
    }

    /// <summary>Sends a signal.</summary>
    internal static void Signal(int process, int number) => Assert.Equal(0, HostCalls.Kill(process, number));

    /// <summary>The stubs of a machine, the template first: children and children's children.</summary>
    internal static List<int> Stubs(int machine)
    {
        List<int> found = [], parents = [machine];
        while (parents.Count > 0)
        {
            parents = [.. Processes().Where(p => parents.Contains(p.Parent)).Select(p => p.Id)];
            found.AddRange(parents);
        }
        return found;
    }

    /// <summary>None of the processes is left: the machine that ended has waited for its stubs.</summary>
    internal static void AssertGone(IReadOnlyCollection<int> processes) =>
        Assert.DoesNotContain(processes, p => Directory.Exists($"/proc/{p}"));

    /// <summary>Waits until none of the processes is left.</summary>
    internal static void WaitUntilGone(IReadOnlyCollection<int> processes) =>
        Assert.True(SpinWait.SpinUntil(() => !processes.Any(p => Directory.Exists($"/proc/{p}")), Limit),
            "Some stubs outlive their machine.");

    private static IEnumerable<(int Id, int Parent)> Processes()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int id))
                continue;
            string stat;
            try
            {
                stat = File.ReadAllText(folder + "/stat");
            }
            catch (IOException)
            {
                continue; // it ended meanwhile
            }
            // Behind the name in parentheses: state, parent.
            yield return (id, int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1],
                System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}

/// <summary>Ends a process that a failed test leaves behind.</summary>
internal sealed class ProcessEnd(Process process) : IDisposable
{
    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
    }
}
