using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace LilyVM.Native;

/// <summary>
/// A bare machine emulated by QEMU (TCG, no engine of ours): converted kernels run on it with the native image of the VM library,
/// unconverted ones as they are. It is the reference for everything else.
/// </summary>
public static class QemuMachine
{
    private const int TimeoutExitCode = 124; // coreutils timeout(1)
    private const int KilledExitCode = 137;

    /// <summary>Boots and collects what the guest prints until it reboots or powers off.</summary>
    public static async Task<QemuResult> RunAsync(QemuBoot boot, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(boot);
        DirectoryInfo directory = TemporaryFolder.Create("lilyvm-");
        try
        {
            // timeout(1) ends QEMU even if this process is killed.
            string limit = boot.Limit.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            QemuLine line = QemuCommand.Prepare(boot, directory.FullName);
            var start = new ProcessStartInfo("timeout", ["-k", "5", limit, line.Program, .. line.Arguments, "-serial", "stdio"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using Process process = Start(start, line.Program);
            try
            {
                Task<string> output = ReadTranscriptAsync(process, boot.Answer, cancellation);
                string errors = await process.StandardError.ReadToEndAsync(cancellation).ConfigureAwait(false);
                string transcript = await output.ConfigureAwait(false);
                await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
                bool timedOut = process.ExitCode is TimeoutExitCode or KilledExitCode;
                return process.ExitCode == 0 || timedOut
                    ? new QemuResult(transcript, timedOut)
                    : throw new LilyVMException($"{line.Program} cannot run this machine: {LastLine(errors)}.");
            }
            finally
            {
                if (!process.HasExited)
                    process.Kill(entireProcessTree: true);
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    // Typing waits for the prompt: what reaches the serial port before the guest's driver does is lost.
    private static async Task<string> ReadTranscriptAsync(Process process, (string Prompt, string Text)? answer,
        CancellationToken cancellation)
    {
        var transcript = new StringBuilder();
        char[] buffer = new char[4096];
        for (int read; (read = await process.StandardOutput.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            transcript.Append(buffer, 0, read);
            if (answer is { } typed && transcript.ToString().Contains(typed.Prompt, StringComparison.Ordinal))
            {
                await process.StandardInput.WriteAsync(typed.Text.AsMemory(), cancellation).ConfigureAwait(false);
                await process.StandardInput.FlushAsync(cancellation).ConfigureAwait(false);
                answer = null;
            }
        }
        return transcript.Replace("\r", "").ToString();
    }

    internal static string LastLine(string errors) =>
        errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault("it gave no reason").TrimEnd('.');

    internal static Process Start(ProcessStartInfo start, string program)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw NotInstalled(program);
        }
    }

    internal static LilyVMException NotInstalled(string program) =>
        new($"Cannot start {program}; install the Debian package qemu-system-x86.");
}
