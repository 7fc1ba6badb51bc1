using System.Diagnostics;
using System.Globalization;

namespace LilyVM.Native;

/// <summary>Starts QEMU so that it does not outlive us.</summary>
internal static class QemuProcess
{
    // Signals from the terminal reach its whole process group, but how the machine ends is for us to say; SIGTSTP is left, to hold both.
    private const string Blocked = "--block-signal=HUP,INT,QUIT,TERM";

    // If we died before setpriv could ask for a signal at our death, somebody else is its parent now.
    private const string OnlyAsOurChild = "[ \"$PPID\" = \"$0\" ] && exec \"$@\"";

    /// <summary>
    /// Starts it with its monitor on pipes. It gets SIGKILL when the calling thread ends, which must therefore wait for it. Each of the
    /// programs becomes the next one, so the process is QEMU's.
    /// </summary>
    internal static Process Start(QemuLine line)
    {
        RequireInPath(line.Program);
        string ourselves = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return QemuMachine.Start(new ProcessStartInfo(
            "env", [Blocked, "setpriv", "--pdeathsig", "KILL", "sh", "-c", OnlyAsOurChild, ourselves, line.Program, .. line.Arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }, line.Program);
    }

    private static void RequireInPath(string program)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, program))))
            throw QemuMachine.NotInstalled(program);
    }
}
