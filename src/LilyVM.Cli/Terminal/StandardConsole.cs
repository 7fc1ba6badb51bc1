using System.Runtime.InteropServices;
using System.Text;

namespace LilyVM.Cli.Terminal;

/// <summary>
/// A guest's console on our standard streams, whose input nobody else reads. On a terminal the keys of <see cref="EscapeKeys"/> work; from
/// a pipe every byte goes to the guest, and the end of the input is not the end of the machine.
/// </summary>
internal sealed class StandardConsole : IDisposable
{
    private const PosixSignal WindowChanged = (PosixSignal)28; // SIGWINCH, whose name is refused because Windows has none

    private readonly StandardStream input = new(0), output = new(1);
    private readonly StandardStream shown = new(1, mayFail: true); // for what we say ourselves
    private readonly EscapeKeys keys = new();
    private readonly StringBuilder command = new();
    private RawTerminal? terminal; // from the start of the machine to its end, if there is one
    private PosixSignalRegistration? sizeSignal;
    private volatile IMachine? machine;
    private StreamWriter? monitorOutput;
    private Monitor? monitor; // while it is open
    private bool isReading;

    /// <summary>Creates it; the prepared guest is told how large the terminal is.</summary>
    internal StandardConsole(bool tellsSize)
    {
        Console = new MachineConsole(output);
        if (tellsSize && RawTerminal.IsTerminal(0))
            Sizes = new SizeLine();
    }

    /// <summary>What the machine is connected to.</summary>
    internal MachineConsole Console { get; }

    /// <summary>What a prepared guest's second serial port is connected to.</summary>
    internal SizeLine? Sizes { get; }

    /// <summary>Starts to pass on what is typed, or goes on with another machine.</summary>
    internal void Connect(IMachine connected)
    {
        machine = connected;
        if (isReading)
        {
            terminal?.SetRaw();
            return;
        }
        isReading = true;
        terminal = RawTerminal.TryEnter(0);
        if (terminal is not null)
        {
            sizeSignal = PosixSignalRegistration.Create(WindowChanged, _ => TellSize());
            TellSize();
        }
        // A background thread: it may wait for a key when the machine has ended.
        new Thread(ReadInput) { IsBackground = true, Name = "console input" }.Start();
    }

    /// <summary>Gives the terminal back; another machine may come.</summary>
    internal void Release() => terminal?.SetNormal();

    /// <inheritdoc/>
    public void Dispose()
    {
        sizeSignal?.Dispose();
        terminal?.Dispose();
        monitorOutput?.Dispose();
    }

    private void TellSize()
    {
        if (WindowSize.Of(0) is not { } size)
            return;
        Console.Resize(size);
        Sizes?.Tell(size);
    }

    private void ReadInput()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
            {
                int count = input.Read(buffer);
                if (count == 0 && monitor is null)
                    break;
                if (terminal is null)
                    Console.Type(buffer.AsSpan(0, count));
                else if (count == 0)
                    TakeCommand("continue"); // Ctrl-D, which is the end of the monitor's input only
                else
                    TakeKeys(buffer.AsSpan(0, count), machine!);
            }
        }
        catch (IOException)
        {
            // The terminal went away, or there never was any input; the guest goes on without it.
        }
    }

    private void TakeKeys(ReadOnlySpan<byte> typed, IMachine machine)
    {
        foreach (byte key in typed)
        {
            if (monitor is not null)
                TakeCommand(key);
            else
                TakeKey(key, machine);
        }
    }

    private void TakeKey(byte key, IMachine machine)
    {
        switch (keys.Next(key, out byte sent))
        {
            case KeyAction.Send:
                Console.Type([sent]);
                break;
            case KeyAction.End:
                machine.Stop();
                break;
            case KeyAction.Help:
                shown.Write(Encoding.ASCII.GetBytes("\r\n" + EscapeKeys.Help.Replace("\n", "\r\n", StringComparison.Ordinal)));
                break;
            case KeyAction.Monitor:
                OpenMonitor(machine);
                break;
        }
    }

    private void OpenMonitor(IMachine machine)
    {
        monitorOutput ??= new StreamWriter(shown, leaveOpen: true) { AutoFlush = true };
        monitor = new Monitor(machine, monitorOutput);
        terminal!.SetNormal(); // for editing the line
        monitorOutput.Write("\n" + Monitor.Prompt);
    }

    private void TakeCommand(byte key)
    {
        if (key != '\n')
        {
            command.Append((char)key);
            return;
        }
        string line = command.ToString().Trim();
        command.Clear();
        TakeCommand(line);
    }

    private void TakeCommand(string line)
    {
        if (monitor!.Execute(line))
        {
            monitorOutput!.Write(Monitor.Prompt);
            return;
        }
        monitor = null;
        terminal!.SetRaw();
    }
}
