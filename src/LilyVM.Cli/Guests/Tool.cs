using System.ComponentModel;
using System.Diagnostics;

namespace LilyVM.Cli.Guests;

/// <summary>Runs the programs that guests are built with.</summary>
/// <param name="Program">Name, looked up in PATH.</param>
/// <param name="Package">Debian package that has it.</param>
internal sealed record Tool(string Program, string Package)
{
    private const string AptError = "E: ";

    // The second is tar's, for the last bytes that had room.
    private static readonly string[] DiskFull = ["No space left on device", ": Wrote only "];

    /// <summary>What helps when the disk of the cache is full.</summary>
    internal const string DiskFullRemedy =
        "free some space (`lilyvm cache` shows what the cache holds) and run this again, it goes on where it stopped";

    /// <summary>Where it starts; ours if null.</summary>
    internal string? Directory { get; init; }

    /// <summary>File that keeps what it prints.</summary>
    internal string? Log { get; init; }

    /// <summary>Variables added to the environment.</summary>
    internal IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Called with each line that it prints, in order, one at a time.</summary>
    internal Action<string>? OnLine { get; init; }

    /// <summary>
    /// Runs it to the end and returns what it printed on standard output; <paramref name="failure"/> starts the sentence if it fails.
    /// </summary>
    internal string Run(string failure, params IEnumerable<string> arguments)
    {
        (int exitCode, string output, string errors) = TryRun(arguments);
        if (exitCode == 0)
            return output;
        string reason = ReasonIn(errors.Length > 0 ? errors : output) ?? $"{Program} ended with status {exitCode}";
        if (DiskFull.Any(sign => errors.Contains(sign, StringComparison.Ordinal) || output.Contains(sign, StringComparison.Ordinal)))
            throw new LilyVMException($"{failure}: the disk is full; {DiskFullRemedy}.");
        throw new LilyVMException($"{failure}: {reason.TrimEnd('.', ' ')}{(Log is null ? "" : $" (all of it is in {Log})")}.");
    }

    /// <summary>Runs it to the end.</summary>
    internal (int ExitCode, string Output, string Errors) TryRun(params IEnumerable<string> arguments)
    {
        // The kernel ends the program when we die, even by kill -9: it must not go on writing where the next build works. The signal comes
        // when the thread that started it ends, and this one waits for it.
        string[] command = ["--pdeathsig", "TERM", Program, .. arguments];
        var start = new ProcessStartInfo("setpriv", command)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Directory ?? "",
        };
        start.Environment["LC_ALL"] = "C"; // we read some of the output
        foreach ((string name, string value) in Environment)
            start.Environment[name] = value;
        RequireInPath();
        using Process process = StartByUtilLinux(start);
        process.StandardInput.Close();
        using ToolLog? log = Log is null ? null : new ToolLog(Log);
        log?.Write($"$ {Program} {string.Join(' ', command[3..])}");
        var sink = new Lock();
        List<string> output = [], errors = [];
        void Take(string? line, List<string> lines)
        {
            if (line is null)
                return;
            lock (sink)
            {
                lines.Add(line);
                log?.Write(line);
                OnLine?.Invoke(line);
            }
        }

        process.OutputDataReceived += (_, e) => Take(e.Data, output);
        process.ErrorDataReceived += (_, e) => Take(e.Data, errors);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        return (process.ExitCode, string.Join('\n', output), string.Join('\n', errors));
    }

    // The first line that speaks of an error says most: what follows it are its consequences. What make says is that something failed.
    private static string? ReasonIn(string text)
    {
        List<string> lines =
            [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Where(l => !l.StartsWith("make", StringComparison.Ordinal))];
        string? line = lines.Find(
            l => l.Contains("error:", StringComparison.OrdinalIgnoreCase) || l.StartsWith(AptError, StringComparison.Ordinal))
                ?? lines.LastOrDefault();
        return line is not null && line.StartsWith(AptError, StringComparison.Ordinal) ? line[AptError.Length..] : line;
    }

    /// <summary>Says which package to install if it is not there.</summary>
    internal void RequireInPath()
    {
        string[] folders = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (!folders.Concat(["/usr/sbin", "/sbin"]).Any(f => File.Exists(Path.Combine(f, Program))))
            throw new LilyVMException($"{Program} is missing; install the Debian package {Package}.");
    }

    /// <summary>
    /// Starts a program by setpriv or another of util-linux; the sentence if that fails has the host's reason, which may be a lack of
    /// processes or memory.
    /// </summary>
    internal static Process StartByUtilLinux(ProcessStartInfo start)
    {
        // mke2fs lies where ordinary users' PATH does not go.
        start.Environment["PATH"] = $"{System.Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new LilyVMException(
                $"{start.FileName}, of the Debian package util-linux, cannot be started: {e.Message.TrimEnd('.')}.", e);
        }
    }
}
