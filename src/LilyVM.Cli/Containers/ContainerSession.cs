using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using LilyVM.Cli.Guests;
using LilyVM.Cli.Terminal;
using LilyVM.Devices;

namespace LilyVM.Cli.Containers;

/// <summary>Runs a container's machine with our standard streams as the container's.</summary>
/// <param name="options">The machine, all but its consoles and what its first process is told.</param>
/// <param name="hasInput">Our standard input is the container's.</param>
/// <param name="hasTerminal">The container has a terminal, ours.</param>
/// <param name="stopSignal">The signal that asks its program to end.</param>
/// <param name="errors">Where messages go.</param>
internal sealed class ContainerSession(MachineOptions options, bool hasInput, bool hasTerminal, int stopSignal, TextWriter errors)
{
    private const PosixSignal WindowChanged = (PosixSignal)28; // SIGWINCH, whose name is refused because Windows has none

    private static readonly TerminalSize UsualSize = new(24, 80);

    /// <summary>The options that the kernel needs for it.</summary>
    internal const string KernelOptions = "rdinit=/bin/container loglevel=3";

    /// <summary>Runs it to its end, and returns the exit status.</summary>
    internal int Run(ContainerSpecification specification)
    {
        using var standard = new BufferedConsoleOutput(new StandardStream(1), TimeProvider.System);
        using var error = new BufferedConsoleOutput(new StandardStream(2, mayFail: true), TimeProvider.System);
        var end = new ContainerOutput();
        var messages = new LastOutput();
        MachineConsole input = new(Stream.Null), words = new(end);
        end.Port = words;
        if (hasInput)
            specification.Add("input", "");
        if (hasTerminal)
            specification.AddTerminal(WindowSize.Of(0) ?? UsualSize);
        using var machine = new VirtualMachine(options with
        {
            Console = new MachineConsole(messages),
            Ports = [input, new MachineConsole(standard), new MachineConsole(error), words],
            InitrdSupplement = CpioArchive.Make(archive =>
            {
                archive.AddFolder("lilyvm");
                archive.AddFile(ContainerSpecification.FileName, specification.ToArray(), executable: false);
            }),
            Warning = text => MachineSession.Warn(text, errors),
        });
        using var signals = new ContainerSignals(words, stopSignal, machine.Stop);
        MachineResult result;
        using (RawTerminal? terminal = hasTerminal && hasInput ? RawTerminal.TryEnter(0) : null)
        using (PosixSignalRegistration? resized = hasTerminal ? PosixSignalRegistration.Create(WindowChanged, _ => Tell(words)) : null)
        {
            if (hasInput)
                new Thread(() => PassInput(input)) { IsBackground = true, Name = "container input" }.Start();
            result = machine.RunAsync().GetAwaiter().GetResult();
            standard.Flush();
            error.Flush();
        }
        if (end.Status is { } status)
            return MachineSession.ReportLoss(standard.Failure, status, errors);
        return signals.Status ?? Report(result, messages);
    }

    private static void Tell(MachineConsole words)
    {
        if (WindowSize.Of(0) is { } size)
            words.TryType(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"size {size.Rows} {size.Columns}\n")));
    }

    private static void PassInput(MachineConsole input)
    {
        using var stream = new StandardStream(0);
        byte[] buffer = new byte[64 * 1024];
        try
        {
            for (int count; (count = stream.Read(buffer)) > 0;)
                input.Type(buffer.AsSpan(0, count));
        }
        catch (IOException)
        {
            // There never was any, or the terminal went away.
        }
        input.EndInput();
    }

    private int Report(MachineResult result, LastOutput messages)
    {
        errors.Write(messages.ToString());
        errors.WriteLine(
            "lilyvm: " + (result.Message ?? "The container did not come to its end; its machine's last messages stand above."));
        return MachineResult.FailureStatus;
    }
}
