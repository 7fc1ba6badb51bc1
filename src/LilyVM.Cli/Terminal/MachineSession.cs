using LilyVM.Cli.Guests;
using LilyVM.Devices;

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
    internal static int Run(MachinePlan plan, ConsoleChoice choice, TextWriter errors)
    {
        switch (choice.Kind)
        {
            case ConsoleKind.PseudoTerminal:
                using (var terminal = new PseudoTerminal())
                {
                    errors.WriteLine($"lilyvm: the console is {terminal.Name}");
                    return Run(plan, new Consoles(terminal.Console), _ => terminal.Connect(), () => { }, errors).ExitStatus;
                }
            case ConsoleKind.File:
                using (FileStream file = OpenConsole(choice.Path!))
                    return Run(plan, new Consoles(new MachineConsole(file)), _ => { }, () => { }, errors).ExitStatus;
            case ConsoleKind.None:
                return Run(plan, new Consoles(new MachineConsole(Stream.Null)), _ => { }, () => { }, errors).ExitStatus;
            default:
                using (var standard = new StandardConsole(plan.FollowsSize))
                {
                    var consoles = new Consoles(standard.Console, standard.Sizes?.Console);
                    return Run(plan, consoles, standard.Connect, standard.Release, errors).ExitStatus;
                }
        }
    }

    /// <summary>
    /// Runs the prepared Linux with a script in it: what the script prints goes to standard output, and its exit status is returned. The
    /// kernel's messages are shown only if it does not come that far.
    /// </summary>
    internal static int RunScript(MachinePlan plan, byte[] script, TextWriter errors)
    {
        using var standard = new StandardStream(1);
        using var buffered = new BufferedConsoleOutput(standard, TimeProvider.System);
        var output = new ScriptOutput(buffered);
        var messages = new LastOutput();
        var consoles = new Consoles(new MachineConsole(messages), new MachineConsole(output), ScriptArchive(script));
        MachineResult result = Run(plan, consoles, _ => { }, buffered.Flush, errors, ShowMessages);
        if (result.IsOrderly && output.Status is { } status)
            return ReportLoss(buffered.Failure, status, errors);
        if (result.IsOrderly)
            result = result with { ExitStatus = MachineResult.FailureStatus };
        if (result.End != MachineEnd.Stopped)
            errors.WriteLine("lilyvm: The script did not come to its end; the guest's last messages stand above.");
        return result.ExitStatus;

        void ShowMessages(MachineResult end)
        {
            if (end.End != MachineEnd.Stopped && !(end.IsOrderly && output.Status is not null))
                errors.Write(messages.ToString());
        }
    }

    // Where guests/linux/initrd/init looks for it.
    private static byte[] ScriptArchive(byte[] script) => CpioArchive.Make(archive =>
    {
        archive.AddFolder("lilyvm");
        archive.AddFile("lilyvm/script", script, executable: true);
    });

    private readonly record struct Consoles(MachineConsole First, MachineConsole? Second = null,
        ReadOnlyMemory<byte> InitrdSupplement = default);

    /// <summary>
    /// Runs the machine of a plan, or the one to fall back to. <paramref name="started"/> is called when it is made,
    /// <paramref name="ended"/> when it has ended in any way, <paramref name="beforeReport"/> before anything is printed about its end.
    /// </summary>
    private static MachineResult Run(
        MachinePlan plan,
        Consoles consoles,
        Action<IMachine> started,
        Action ended,
        TextWriter errors,
        Action<MachineResult>? beforeReport = null)
    {
        using var signals = new EndSignals(); // until the terminal is as it was: a signal would leave it as it is now
        MachineResult result;
        try
        {
            result = RunOne(
                plan.Make,
                consoles,
                signals,
                machine =>
                {
                    plan.Announce?.Invoke(machine);
                    started(machine);
                },
                ended);
        }
        catch (NotDirectlyException e) when (plan.Fallback is not null)
        {
            result = RunOne(plan.Fallback(e), consoles, signals, started, ended);
        }
        beforeReport?.Invoke(result);
        if (result.Message is not null)
            errors.WriteLine("lilyvm: " + result.Message);
        foreach (string fault in result.DeviceFaults)
            errors.WriteLine("lilyvm: " + fault);
        if (plan.Counters == CounterFormat.Table)
            CounterOutput.WriteTable(errors, result.Counters);
        else if (plan.Counters == CounterFormat.Json)
            CounterOutput.WriteJson(errors, result.Counters);
        // Ending it by a key is no failure.
        int status = result.End == MachineEnd.Stopped ? signals.Status ?? 0 : result.ExitStatus;
        return result with { ExitStatus = ReportLoss(consoles.First.Failure, status, errors) };
    }

    private static MachineResult RunOne(MachineMaker make, Consoles consoles, EndSignals signals, Action<IMachine> started, Action ended)
    {
        using IMachine machine = make(consoles.First, consoles.Second, consoles.InitrdSupplement);
        signals.Watch(machine);
        try
        {
            started(machine);
            return machine.RunAsync().GetAwaiter().GetResult();
        }
        finally
        {
            ended();
            signals.Watch(null); // it may not be stopped once it is disposed of
        }
    }

    // A terminal in raw mode, as it is while the guest runs, goes to the next line but not to its beginning by itself.
    internal static void Warn(string text, TextWriter errors) =>
        errors.Write(StandardStream.TerminalWidth(errors) is null ? $"lilyvm: {text}\n" : $"\rlilyvm: {text}\r\n");

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
    internal static int ReportLoss(string? failure, int status, TextWriter errors)
    {
        if (failure is null)
            return status;
        errors.WriteLine($"lilyvm: Some of the guest's output is lost: {failure.TrimEnd('.')}.");
        return status == 0 ? MachineResult.FailureStatus : status;
    }
}
