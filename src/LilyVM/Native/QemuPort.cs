using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Native;

/// <summary>
/// Our end of a serial port of QEMU's machine. One thread takes what the guest prints; another types, but only while the guest asserts RTS:
/// QEMU gives its UART whatever comes, and what comes before the guest listens would be lost there.
/// </summary>
internal sealed class QemuPort : IDisposable
{
    private const int Chunk = 256; // typed between two looks at RTS
    private const byte RequestToSend = 2, Loopback = 0x10; // MCR (PC16550D, 8.7)
    private const byte TransmitterEmpty = 0x40; // LSR: TEMT
    private const uint ModemControl = 4, LineStatus = 5;

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    private readonly uint address;
    private readonly MachineConsole console;
    private readonly Socket socket;
    private readonly Thread reader;
    private volatile bool ended;

    /// <summary>Makes the stream that QEMU gets an end of.</summary>
    internal QemuPort(string name, uint address, MachineConsole console)
    {
        this.address = address;
        this.console = console;
        Name = name;
        QemuEnd = InheritedFile.Connected(out SafeFileHandle ours);
        socket = new Socket(new SafeSocketHandle(ours.DangerousGetHandle(), ownsHandle: true)) { SendBufferSize = 4096 };
        ours.SetHandleAsInvalid(); // the socket owns it now
        reader = new Thread(TakeOutput) { IsBackground = true, Name = "QEMU's " + name };
    }

    /// <summary>QEMU's end, to be disposed of when QEMU has started.</summary>
    internal InheritedFile QemuEnd { get; }

    /// <summary>QEMU's name for the stream.</summary>
    internal string Name { get; }

    /// <summary>What makes QEMU use the stream.</summary>
    internal string CharacterDevice => $"socket,id={Name},fd={QemuEnd.Number}";

    /// <summary>Starts to take what the guest prints.</summary>
    internal void StartReading() => reader.Start();

    /// <summary>Starts to type.</summary>
    internal void StartTyping(QemuMonitor monitor) =>
        new Thread(() => Type(monitor)) { IsBackground = true, Name = "typing to QEMU's " + Name }.Start();

    /// <summary>Whether nothing that the guest printed waits in QEMU's UART, as it does while our reader is slow.</summary>
    internal bool HasSentAll(QemuMonitor monitor) => (monitor.ReadPort(address + LineStatus) & TransmitterEmpty) != 0;

    /// <summary>QEMU has ended: waits until all that it sent is taken.</summary>
    internal void Finish()
    {
        ended = true;
        console.Input.Close();
        socket.Shutdown(SocketShutdown.Both); // what arrived is still read
        reader.Join();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        QemuEnd.Dispose();
        socket.Dispose();
    }

    private void TakeOutput()
    {
        byte[] buffer = new byte[4096];
        try
        {
            for (int count; (count = socket.Receive(buffer)) > 0;)
                console.Output.Write(buffer.AsSpan(0, count));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // QEMU ended with bytes unread on its side.
        }
    }

    private void Type(QemuMonitor monitor)
    {
        byte[] buffer = new byte[Chunk];
        try
        {
            for (int count; (count = console.Input.Take(buffer)) > 0;)
            {
                while (!ended && (monitor.ReadPort(address + ModemControl) & (RequestToSend | Loopback)) != RequestToSend)
                    Thread.Sleep(LookAgain);
                for (ReadOnlySpan<byte> rest = buffer.AsSpan(0, count); rest.Length > 0 && !ended;)
                    rest = rest[socket.Send(rest)..];
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The machine ended meanwhile.
        }
    }
}
