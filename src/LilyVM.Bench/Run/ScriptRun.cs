using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace LilyVM.Bench.Run;

/// <summary>Runs what a contender starts, in a session of its own, so that all its processes can be found and ended.</summary>
internal static class ScriptRun
{
    /// <summary>The status of a run that took too long.</summary>
    internal const int TimedOut = -1;

    // Other work on the host would be measured too. A session is a scheduling group of its own (sched(7), autogroup), whose weight counts
    // before its processes'.
    private const string First = "echo -20 >/proc/$$/autogroup; exec nice -n -20 \"$@\"";

    private const int Kept = 2000; // characters of output that is not for us

    /// <summary>The beginning of a command line whose rest has the processor before other work of the host, where we may do that.</summary>
    internal static IReadOnlyList<string> BeforeOthers => Environment.IsPrivilegedProcess ? ["sh", "-c", First, "sh"] : [];

    // A guest has one CPU. What its machine does beside it is not for free, and a host that has more shall not be faster for that.
    private static readonly string[] OnOneCpu = ["taskset", "--cpu-list", LastCpu().ToString(CultureInfo.InvariantCulture)];

    /// <summary>Runs something short whose output does not matter.</summary>
    internal static ScriptResult Try(Launch launch) => Run(launch, TimeSpan.FromMinutes(1));

    /// <summary>Runs it to the end, or to the limit.</summary>
    internal static ScriptResult Run(Launch launch, TimeSpan limit)
    {
        // All of it dies with us, even by kill -9. The signal comes when the thread that started it ends, and this one reads its output.
        IReadOnlyList<string> before = launch.BeforeOthers ? [.. OnOneCpu, .. BeforeOthers] : [];
        var start = new ProcessStartInfo("setsid", ["setpriv", "--pdeathsig", "KILL", .. before, launch.Program, .. launch.Arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var clock = Stopwatch.StartNew();
        using Process process = Tool.StartByUtilLinux(start);
        process.StandardInput.Close();
        var session = new Session(process.Id); // setsid does not fork: we start no process group leaders
        bool late = false;
        using var timer = new Timer(_ => { late = true; session.Kill(); }, null, limit, Timeout.InfiniteTimeSpan);
        var errors = new StringBuilder();
        process.ErrorDataReceived += (_, e) => errors.AppendLine(e.Data);
        process.BeginErrorReadLine();
        List<ScriptLine> lines = [];
        var rest = new StringBuilder();
        long? held = null;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            string text = line.TrimEnd('\r');
            if (text.StartsWith('@'))
                lines.Add(new ScriptLine(clock.Elapsed.TotalSeconds, text));
            else
                rest.AppendLine(text);
            if (text == "@held")
                held = session.MemoryBytes();
        }
        process.WaitForExit();
        double seconds = clock.Elapsed.TotalSeconds;
        session.Kill();
        return new ScriptResult
        {
            Status = late ? TimedOut : process.ExitCode,
            Lines = lines,
            LastOutput = rest.Length > Kept ? rest.ToString(rest.Length - Kept, Kept) : rest.ToString(),
            Errors = errors.ToString(),
            Seconds = seconds,
            HeldBytes = held,
        };
    }

    // Of those that we may use: "Cpus_allowed_list:	0-1,4" (proc(5)).
    private static int LastCpu() => int.Parse(
        File.ReadLines("/proc/self/status").First(l => l.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split(':', '-',
            ',')[^1],
        CultureInfo.InvariantCulture);
}
