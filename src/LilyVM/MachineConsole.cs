using LilyVM.Devices;

namespace LilyVM;

/// <summary>The host's end of a guest's serial port: takes what the guest prints, and types to it.</summary>
public sealed class MachineConsole
{
    private readonly Lock gate = new();
    private readonly List<byte> typedEarly = [];
    private Uart16550? port;

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

    /// <summary>Types to the guest, from any thread and at any time: what it does not read yet waits.</summary>
    public void Type(ReadOnlySpan<byte> text)
    {
        lock (gate)
        {
            if (port is null)
                typedEarly.AddRange(text);
            else
                port.Receive(text);
        }
    }

    /// <summary>Creates the port that this console is the other end of.</summary>
    internal Uart16550 CreatePort(IInterruptLine line)
    {
        lock (gate)
        {
            if (port is not null)
                throw new InvalidOperationException("A console serves one machine.");
            port = new Uart16550(line, Output);
            port.Receive([.. typedEarly]);
            return port;
        }
    }

    /// <summary>Passes on what the guest printed last.</summary>
    internal void Flush() => (Output as BufferedConsoleOutput)?.Flush();
}
