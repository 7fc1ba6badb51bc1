using System.Diagnostics;

namespace LilyVM.Native;

/// <summary>Starts QEMU so that it does not outlive us.</summary>
internal static class QemuProcess
{
    /// <summary>
    /// Starts it with its monitor on pipes. It gets SIGKILL when the calling thread ends, which must therefore wait for it.
    /// </summary>
    internal static Process Start(QemuLine line)
    {
        RequireInPath(line.Program);
        return QemuMachine.Start(new ProcessStartInfo("env", [.. OurChild.Words(isKilled: true), line.Program, .. line.Arguments])
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
