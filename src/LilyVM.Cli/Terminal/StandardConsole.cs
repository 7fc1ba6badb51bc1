using System.Text;

namespace LilyVM.Cli.Terminal;

/// <summary>
/// A guest's console on our standard streams. On a terminal the keys of <see cref="EscapeKeys"/> work; from a pipe every byte goes to the guest, and
/// the end of the input is not the end of the machine.
/// </summary>
internal sealed class StandardConsole : IDisposable
{
    private readonly StandardStream input = new(0), output = new(1);
    private readonly EscapeKeys keys = new();
    private readonly StringBuilder command = new();
    private RawTerminal? terminal; // from the start of the machine to its end, if there is one
    private StreamWriter? monitorOutput;
    private Monitor? monitor; // while it is open

    internal StandardConsole() => Console = new MachineConsole(output);

    /// <summary>What the machine is connected to.</summary>
    internal MachineConsole Console { get; }

    /// <summary>Starts to pass on what is typed.</summary>
    internal void Connect(VirtualMachine machine)
    {
        terminal = RawTerminal.TryEnter(0);
        // A background thread: it may wait for a key when the machine has ended.
        new Thread(() => ReadInput(machine)) { IsBackground = true, Name = "console input" }.Start();
    }

    /// <summary>Gives the terminal back.</summary>
    public void Dispose()
    {
        terminal?.Dispose();
        monitorOutput?.Dispose();
    }

    private void ReadInput(VirtualMachine machine)
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
                    TakeKeys(buffer.AsSpan(0, count), machine);
            }
        }
        catch (IOException)
        {
            // The terminal went away; the guest goes on without it.
        }
    }

    private void TakeKeys(ReadOnlySpan<byte> typed, VirtualMachine machine)
    {
        foreach (byte key in typed)
        {
            if (monitor is not null)
                TakeCommand(key);
            else
                TakeKey(key, machine);
        }
    }

    private void TakeKey(byte key, VirtualMachine machine)
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
                output.Write(Encoding.ASCII.GetBytes("\r\n" + EscapeKeys.Help.Replace("\n", "\r\n", StringComparison.Ordinal)));
                break;
            case KeyAction.Monitor:
                OpenMonitor(machine);
                break;
        }
    }

    private void OpenMonitor(VirtualMachine machine)
    {
        monitorOutput ??= new StreamWriter(output, leaveOpen: true) { AutoFlush = true };
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
