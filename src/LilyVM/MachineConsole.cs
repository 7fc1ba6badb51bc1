using LilyVM.Devices;
using LilyVM.Devices.Virtio;

namespace LilyVM;

/// <summary>The host's end of a guest's console: takes what the guest prints, and types to it.</summary>
public sealed class MachineConsole
{
    private readonly Lock gate = new();
    private IInputReader? reader;
    private VirtioConsole? sized;
    private TerminalSize size;
    private bool inUse, inputEnded;

    /// <summary>A console whose output goes to a stream, in few writes. The stream is not closed.</summary>
    public MachineConsole(Stream output)
        : this(new BufferedConsoleOutput(output, TimeProvider.System))
    {
    }

    /// <summary>A console whose output is taken byte by byte as the guest prints it.</summary>
    public MachineConsole(IConsoleOutput output) => Output = output;

    /// <summary>Why some of the guest's output is lost; null if none is.</summary>
    public string? Failure => (Output as BufferedConsoleOutput)?.Failure;

    /// <summary>Where the guest's output goes.</summary>
    internal IConsoleOutput Output { get; }

    /// <summary>Whether nothing more comes behind <see cref="Input"/>.</summary>
    internal bool HasInputEnded
    {
        get => Volatile.Read(ref inputEnded);
        private set => Volatile.Write(ref inputEnded, value);
    }

    /// <summary>What was typed and the guest has not read.</summary>
    internal InputQueue Input { get; } = new();

    /// <summary>
    /// Types to the guest, from any thread and at any time. What it does not read yet waits; when <see cref="InputQueue.Limit"/> bytes
    /// wait, this call waits too, until the guest reads or the machine has ended.
    /// </summary>
    public void Type(ReadOnlySpan<byte> text)
    {
        while (text.Length > 0)
        {
            text = text[Input.Add(text)..];
            Reader?.InputArrived();
        }
    }

    /// <summary>Nothing more is typed; the guest learns of it on a port (<see cref="MachineOptions.Ports"/>), and nowhere else.</summary>
    public void EndInput()
    {
        HasInputEnded = true;
        Reader?.InputArrived();
    }

    /// <summary>Types to the guest if there is room for all of it, and never waits.</summary>
    internal bool TryType(ReadOnlySpan<byte> text)
    {
        if (!Input.TryAdd(text))
            return false;
        Reader?.InputArrived();
        return true;
    }

    /// <summary>
    /// Tells the guest how large its terminal is, from any thread and at any time. Only a virtio console tells it; a serial line has no
    /// size.
    /// </summary>
    public void Resize(TerminalSize now)
    {
        VirtioConsole? console;
        lock (gate)
        {
            size = now;
            console = sized;
        }
        console?.Resize(now);
    }

    /// <summary>Creates the serial port that this console is the other end of, for output only if input goes elsewhere.</summary>
    internal Uart16550 CreatePort(IInterruptLine line, bool outputOnly = false)
    {
        if (outputOnly)
            return new Uart16550(line, Output);
        Occupy();
        var port = new Uart16550(line, Output, Input);
        Connect(port);
        return port;
    }

    /// <summary>Creates the virtio console that this console is the other end of.</summary>
    internal VirtioConsole CreateVirtio()
    {
        Occupy();
        var console = new VirtioConsole(Output, Input);
        lock (gate)
        {
            sized = console;
            console.Resize(size);
        }
        Connect(console);
        return console;
    }

    /// <summary>Creates the device whose ports these consoles are the other ends of.</summary>
    internal static VirtioPorts CreatePorts(IReadOnlyList<MachineConsole> consoles)
    {
        foreach (MachineConsole console in consoles)
            console.Occupy();
        var device = new VirtioPorts(consoles);
        foreach (MachineConsole console in consoles)
            console.Connect(device);
        return device;
    }

    /// <summary>The machine takes it for its own.</summary>
    internal void Occupy()
    {
        lock (gate)
        {
            if (inUse)
                throw new InvalidOperationException("A console serves one machine.");
            inUse = true;
        }
    }

    /// <summary>The machine is gone without having run; another one may have the console, and what was typed.</summary>
    internal void Release()
    {
        lock (gate)
        {
            inUse = false;
            reader = null;
            sized = null;
        }
    }

    /// <summary>Passes on what the guest printed last.</summary>
    internal void Flush() => (Output as BufferedConsoleOutput)?.Flush();

    private IInputReader? Reader
    {
        get
        {
            lock (gate)
                return reader;
        }
    }

    private void Connect(IInputReader device)
    {
        lock (gate)
            reader = device;
        device.InputArrived(); // what was typed early
    }
}
