using System.Diagnostics;
using System.Runtime.InteropServices;
using LilyVM.Cli.Guests;
using LilyVM.Cli.Terminal;

namespace LilyVM.Cli.Lab;

/// <summary>Boots the lab, runs a command in it, and tells how that went.</summary>
internal sealed class LabMachine(ProjectFiles files, GuestCache cache, StepProgress progress, TextWriter errors)
{
    /// <summary>Exit statuses of our own, as those of timeout(1) and of shells.</summary>
    internal const int TimedOut = 124, LabFailed = 125, SignalBase = 128;

    private const int Interrupt = 2, Terminate = 15;

    /// <summary>Runs it and returns the exit status.</summary>
    internal int Run(LabOptions options)
    {
        HostKernel kernel = options.Variant.IsBuilt ? new DebugKernel(files, cache, progress).Get()
            : HostKernel.Get(options.Variant.Flavour, cache, progress);
        using var folder = new LabFolder();
        new LabImage(files, cache, progress).Write(folder.RamDisk, options, Modules(options, kernel));
        using var status = new LabStatus();
        using StandardStream output = new(1), messages = new(2, mayFail: true);
        using LabPort outputPort = new(folder.Output, output.Write), errorPort = new(folder.Errors, messages.Write);
        using LabPort statusPort = new(folder.Status, status.Take);
        using Process qemu = Start(options, LabCommandLine.Arguments(options, kernel.Image, folder));
        string qemuErrors = "";
        int? signal = null;
        bool ended;
        void End(int number)
        {
            signal = number;
            qemu.Kill();
        }

        using (Handle(PosixSignal.SIGINT, () => End(Interrupt)))
        using (Handle(PosixSignal.SIGTERM, () => End(Terminate)))
        {
            if (options.Command.Count > 0)
            {
                qemu.ErrorDataReceived += (_, e) => qemuErrors = e.Data ?? qemuErrors;
                qemu.BeginErrorReadLine();
                LabMonitor.Start(qemu, status, options.NmiRate);
            }
            ended = qemu.WaitForExit(options.Limit ?? Timeout.InfiniteTimeSpan);
            if (!ended)
                qemu.Kill();
            qemu.WaitForExit();
        }
        foreach (LabPort port in (LabPort[])[outputPort, errorPort, statusPort])
            port.Finish();
        if (signal is { } number)
            return SignalBase + number;
        string log = folder.ReadLog();
        if (options.KernelLog is { } kept)
            File.WriteAllText(kept, log);
        if (!ended)
            return Report(TimedOut, log, $"The lab did not end within {options.Limit!.Value.TotalSeconds} s; give it more with --timeout.");
        if (qemu.ExitCode != 0 && !status.Started.IsSet)
            return Report(LabFailed, log, $"{LabCommandLine.Program} cannot run the lab: {qemuErrors.TrimEnd('.')}.");
        if (Trouble(log, status) is { } trouble)
            return Report(LabFailed, log, trouble);
        if (outputPort.Failure is { } failure)
            return Report(Program.Failure, "", $"Some of the command's output is lost: {failure.TrimEnd('.')}.");
        return status.ExitStatus!.Value;
    }

    private IEnumerable<string> Modules(LabOptions options, HostKernel kernel)
    {
        IEnumerable<string> drivers = options.Disks.Count > 0 ? kernel.DiskDrivers : [];
        if (options.Kvm)
            drivers = drivers.Concat(kernel.KvmDrivers);
        return new KernelModule(files, cache, progress).Build(kernel) is { } module ? drivers.Append(module) : drivers;
    }

    private static string? Trouble(string log, LabStatus status)
    {
        if (KernelLog.FindTrouble(log) is { } line)
            return $"The lab's kernel reports a bug, \"{line}\"; its last messages stand above.";
        if (KernelLog.IsBad(status.Taints))
            return $"The lab's kernel is tainted ({status.Taints}), so it met a bug; its last messages stand above.";
        if (status.Failure is { } failure)
            return $"The lab is not complete: {failure}; the kernel's last messages stand above.";
        return status.ExitStatus is null ? "The lab ended before the command did; the kernel's last messages stand above." : null;
    }

    private int Report(int exitStatus, string log, string sentence)
    {
        if (log.Length > 0)
            errors.WriteLine(KernelLog.End(log));
        errors.WriteLine("lilyvm: " + sentence);
        return exitStatus;
    }

    private static Process Start(LabOptions options, IReadOnlyList<string> arguments)
    {
        new Tool(LabCommandLine.Program, "qemu-system-x86").RequireInPath();
        bool command = options.Command.Count > 0;
        // It ends with us, even by kill -9: the signal comes when this thread ends, which waits for it.
        var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", LabCommandLine.Program, .. arguments])
        {
            RedirectStandardInput = command,
            RedirectStandardOutput = command,
            RedirectStandardError = command,
        };
        return Tool.StartByUtilLinux(start);
    }

    private static PosixSignalRegistration Handle(PosixSignal signal, Action handle) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true; // the run's files go first
        handle();
    });
}
