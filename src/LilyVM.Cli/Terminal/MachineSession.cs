using System.Runtime.InteropServices;
using LilyVM.Cli.Guests;
using LilyVM.Devices;
using LilyVM.Native;

namespace LilyVM.Cli.Terminal;

/// <summary>How the counters of an engine are printed at the end.</summary>
internal enum CounterFormat
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>As a table.</summary>
    Table,

    /// <summary>As JSON.</summary>
    Json,
}

/// <summary>Runs a machine from the command line: its console, signals, and what is said at its end.</summary>
internal static class MachineSession
{
    /// <summary>Runs the machine with its console where it was asked for, and returns the exit status.</summary>
    internal static int Run(MachineOptions options, ConsoleChoice choice, CounterFormat counters, TextWriter errors)
    {
        switch (choice.Kind)
        {
            case ConsoleKind.PseudoTerminal:
                using (var terminal = new PseudoTerminal())
                {
                    errors.WriteLine($"lilyvm: the console is {terminal.Name}");
                    return Run(options with { Console = terminal.Console }, _ => terminal.Connect(), () => { }, counters, errors).ExitStatus;
                }
            case ConsoleKind.File:
                using (FileStream file = OpenConsole(choice.Path!))
                    return Run(options with { Console = new MachineConsole(file) }, _ => { }, () => { }, counters, errors).ExitStatus;
            default:
                using (var standard = new StandardConsole())
                    return Run(options with { Console = standard.Console }, standard.Connect, standard.Dispose, counters, errors).ExitStatus;
        }
    }

    /// <summary>
    /// Runs the prepared Linux with a script in it: what the script prints goes to standard output, and its exit status is returned. The kernel's messages
    /// are shown only if it does not come that far.
    /// </summary>
    internal static int RunScript(MachineOptions options, byte[] script, CounterFormat counters, TextWriter errors)
    {
        using var standard = new StandardStream(1);
        using var buffered = new BufferedConsoleOutput(standard, TimeProvider.System);
        var output = new ScriptOutput(buffered);
        var messages = new LastOutput();
        MachineOptions scripted = options with
        {
            InitrdSupplement = ScriptArchive(script),
            Console = new MachineConsole(messages),
            SecondConsole = new MachineConsole(output),
        };
        MachineResult result = Run(scripted, _ => { }, buffered.Flush, counters, errors);
        if (result.IsOrderly && output.Status is { } status)
            return ReportLoss(buffered.Failure, status, errors);
        if (result.IsOrderly)
            result = result with { ExitStatus = MachineResult.FailureStatus };
        if (result.End != MachineEnd.Stopped)
            ReportUnfinished(messages.ToString(), errors);
        return result.ExitStatus;
    }

    /// <summary>The same on a bare machine that QEMU emulates.</summary>
    internal static int RunScriptInQemu(QemuBoot boot, byte[] script, TextWriter errors)
    {
        using var standard = new StandardStream(1);
        using var buffered = new BufferedConsoleOutput(standard, TimeProvider.System);
        var output = new ScriptOutput(buffered);
        string messages = QemuMachine.RunScript(boot with { InitrdSupplement = ScriptArchive(script) }, output);
        buffered.Flush();
        if (output.Status is { } status)
            return ReportLoss(buffered.Failure, status, errors);
        ReportUnfinished(messages, errors);
        return MachineResult.FailureStatus;
    }

    // Where guests/linux/initrd/init looks for it.
    private static byte[] ScriptArchive(byte[] script) => CpioArchive.Make(archive =>
    {
        archive.AddFolder("lilyvm");
        archive.AddFile("lilyvm/script", script, executable: true);
    });

    private static void ReportUnfinished(string messages, TextWriter errors)
    {
        errors.Write(messages);
        errors.WriteLine("lilyvm: The script did not come to its end; the guest's last messages stand above.");
    }

    /// <summary>
    /// Runs a machine whose consoles are set. <paramref name="started"/> is called when it is made, <paramref name="ended"/> before anything is
    /// printed about its end.
    /// </summary>
    private static MachineResult Run(MachineOptions options, Action<VirtualMachine> started, Action ended, CounterFormat counters, TextWriter errors)
    {
        int? signalStatus = null;
        using var machine = new VirtualMachine(options with { Warning = text => Warn(text, errors) });
        List<PosixSignalRegistration> handlers = [];
        // The numbers are those of signal(7); shells add 128.
        (PosixSignal, int)[] signals = [(PosixSignal.SIGHUP, 1), (PosixSignal.SIGINT, 2), (PosixSignal.SIGQUIT, 3), (PosixSignal.SIGTERM, 15)];
        foreach ((PosixSignal signal, int number) in signals)
        {
            handlers.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true; // the machine's orderly end comes first
                if (signalStatus is not null)
                    Environment.Exit(128 + number); // but something holds it up, such as output that nobody takes
                signalStatus = 128 + number;
                machine.Stop();
            }));
        }
        MachineResult result;
        try
        {
            started(machine);
            result = machine.RunAsync().GetAwaiter().GetResult();
        }
        finally
        {
            ended();
            handlers.ForEach(h => h.Dispose()); // last: a signal would leave the terminal as it is now
        }
        if (result.Message is not null)
            errors.WriteLine("lilyvm: " + result.Message);
        foreach (string fault in result.DeviceFaults)
            errors.WriteLine("lilyvm: " + fault);
        if (counters == CounterFormat.Table)
            CounterOutput.WriteTable(errors, result.Counters);
        else if (counters == CounterFormat.Json)
            CounterOutput.WriteJson(errors, result.Counters);
        // Ending it by a key is no failure.
        int status = result.End == MachineEnd.Stopped ? signalStatus ?? 0 : result.ExitStatus;
        return result with { ExitStatus = ReportLoss(options.Console.Failure, status, errors) };
    }

    // A terminal in raw mode, as it is while the guest runs, goes to the next line but not to its beginning by itself.
    private static void Warn(string text, TextWriter errors) => errors.Write(Console.IsErrorRedirected ? $"lilyvm: {text}\n" : $"\rlilyvm: {text}\r\n");

    private static FileStream OpenConsole(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string why = e is DirectoryNotFoundException ? "there is no such folder" : UserFile.Why(path, e);
            throw new LilyVMException($"Cannot write the console to {path}: {why}.", e);
        }
    }

    // Success means that nothing is lost.
    private static int ReportLoss(string? failure, int status, TextWriter errors)
    {
        if (failure is null)
            return status;
        errors.WriteLine($"lilyvm: Some of the guest's output is lost: {failure.TrimEnd('.')}.");
        return status == 0 ? MachineResult.FailureStatus : status;
    }
}
