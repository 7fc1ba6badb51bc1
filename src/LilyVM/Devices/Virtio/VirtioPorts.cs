using System.Buffers.Binary;

namespace LilyVM.Devices.Virtio;

/// <summary>
/// A console device with several ports and no console among them (virtio 1.2, 5.3, VIRTIO_CONSOLE_F_MULTIPORT): streams of bytes between
/// host and guest, Linux's /dev/vportNp0 and so on. The guest gets input only while it has a port open, and reads an end where the host
/// has ended its input.
/// </summary>
internal sealed class VirtioPorts : VirtioDevice, IInputReader
{
    private const ulong MultiplePorts = 1 << 1;

    // Queues (5.3.2): of port 0, of control messages, then of the other ports; each pair receives first.
    private const int ControlReceive = 2, ControlTransmit = 3;

    // struct virtio_console_config (5.3.4): columns, rows, number of ports, emergency output.
    private const int PortCountOffset = 4, ConfigurationBytes = 8;

    // struct virtio_console_control (5.3.6.2): port, event, value; and its events.
    private const int MessageBytes = 8, EventOffset = 4, ValueOffset = 6;
    private const ushort DeviceReady = 0, DeviceAdd = 1, PortReady = 3, PortOpen = 6;

    private readonly MachineConsole[] ports;
    private readonly bool[] isOpen, isEnded; // in the guest; on our side
    private readonly Queue<(uint Port, ushort Event, ushort Value)> messages = new(); // for the driver
    private readonly byte[] configuration = new byte[ConfigurationBytes];

    /// <summary>Makes the device; the consoles are the other ends of its ports.</summary>
    internal VirtioPorts(IReadOnlyList<MachineConsole> consoles)
    {
        ports = [.. consoles];
        isOpen = new bool[ports.Length];
        isEnded = new bool[ports.Length];
        BinaryPrimitives.WriteInt32LittleEndian(configuration.AsSpan(PortCountOffset), ports.Length);
    }

    /// <inheritdoc/>
    public void InputArrived()
    {
        for (int port = 0; port < ports.Length; port++)
            Wake(ReceiveQueue(port));
    }

    internal override uint DeviceId => 3;

    internal override ulong DeviceFeatures => MultiplePorts;

    internal override int QueueCount => 2 * (ports.Length + 1);

    internal override ReadOnlySpan<byte> Configuration => configuration;

    internal override void Process(int index, Virtqueue queue)
    {
        if (index == ControlReceive)
            SendMessages(queue);
        else if (index == ControlTransmit)
            TakeMessages(queue);
        else if (index % 2 == 0)
            Fill(PortOf(index), queue);
        else
            ConsoleQueues.Print(queue, ports[PortOf(index)].Output);
    }

    internal override void Reset()
    {
        base.Reset();
        Array.Clear(isOpen);
        Array.Clear(isEnded);
        messages.Clear();
    }

    private static int ReceiveQueue(int port) => port == 0 ? 0 : 2 * (port + 1);

    private static int PortOf(int queue) => queue < ControlReceive ? 0 : queue / 2 - 1;

    private void Fill(int port, Virtqueue queue)
    {
        if (!isOpen[port])
            return; // Linux would throw it away
        MachineConsole console = ports[port];
        bool ended = console.HasInputEnded; // asked first: what comes before the end is there then
        ConsoleQueues.Fill(queue, console.Input);
        if (!ended || isEnded[port] || console.Input.Count > 0)
            return;
        isEnded[port] = true;
        Send(port, PortOpen, 0);
    }

    private void Send(int port, ushort what, ushort value)
    {
        if (messages.Count > 4 * ports.Length)
            return; // a driver that asks and never listens
        messages.Enqueue(((uint)port, what, value));
        Wake(ControlReceive);
    }

    private void SendMessages(Virtqueue queue)
    {
        Span<byte> bytes = stackalloc byte[MessageBytes];
        while (messages.Count > 0 && queue.TryPop(out VirtqueueChain? request))
        {
            (uint port, ushort what, ushort value) = messages.Dequeue();
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, port);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[EventOffset..], what);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[ValueOffset..], value);
            for (ReadOnlySpan<byte> rest = bytes; rest.Length > 0 && request.WritableLeft > 0;)
            {
                Span<byte> place = request.NextWritable((ulong)rest.Length);
                rest[..place.Length].CopyTo(place);
                rest = rest[place.Length..];
            }
            queue.Complete(request);
        }
    }

    private void TakeMessages(Virtqueue queue)
    {
        Span<byte> bytes = stackalloc byte[MessageBytes];
        while (queue.TryPop(out VirtqueueChain? request))
        {
            if (request.TryRead(bytes))
            {
                Take(BinaryPrimitives.ReadUInt32LittleEndian(bytes), BinaryPrimitives.ReadUInt16LittleEndian(bytes[EventOffset..]),
                    BinaryPrimitives.ReadUInt16LittleEndian(bytes[ValueOffset..]));
            }
            queue.Complete(request);
        }
    }

    private void Take(uint port, ushort what, ushort value)
    {
        if (what == DeviceReady && value == 1)
        {
            for (int i = 0; i < ports.Length; i++)
                Send(i, DeviceAdd, 1);
        }
        if (port >= ports.Length)
            return;
        if (what == PortReady && value == 1)
            Send((int)port, PortOpen, 1);
        if (what == PortOpen)
        {
            isOpen[port] = value == 1;
            Wake(ReceiveQueue((int)port));
        }
    }
}
