using System.Buffers.Binary;

namespace LilyVM.Devices.Virtio;

/// <summary>A console device (virtio 1.2, 5.3) with one port, Linux's hvc0, which knows how large the terminal behind it is.</summary>
public sealed class VirtioConsole : VirtioDevice, IInputReader
{
    private const int ReceiveQueue = 0;
    private const ulong SizeFeature = 1 << 0; // VIRTIO_CONSOLE_F_SIZE (5.3.3)

    private readonly IConsoleOutput output;
    private readonly InputQueue input;

    // struct virtio_console_config (5.3.4) up to what SizeFeature makes valid: columns, then rows. Replaced as a whole, so that a reader
    // sees one size.
    private volatile byte[] configuration = new byte[2 * sizeof(ushort)];

    /// <summary>
    /// Creates the device, with a queue of its own if none is given. Until <see cref="Resize"/> the size is 0: not known.
    /// </summary>
    public VirtioConsole(IConsoleOutput output, InputQueue? input = null)
    {
        this.output = output;
        this.input = input ?? new InputQueue();
    }

    /// <summary>
    /// Sends bytes to the guest. Any thread may call it; they wait until the guest gives buffers for them, and so do we if they are many.
    /// </summary>
    public void Receive(ReadOnlySpan<byte> bytes) => input.AddAll(bytes, this);

    /// <inheritdoc/>
    public void InputArrived() => Wake(ReceiveQueue);

    /// <summary>Tells the guest that the terminal is so large now. Any thread may call it.</summary>
    public void Resize(TerminalSize size)
    {
        byte[] changed = new byte[2 * sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(changed, size.Columns);
        BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(sizeof(ushort)), size.Rows);
        configuration = changed;
        ConfigurationChanged();
    }

    internal override uint DeviceId => 3;

    internal override ulong DeviceFeatures => SizeFeature;

    internal override int QueueCount => 2;

    internal override ReadOnlySpan<byte> Configuration => configuration;

    internal override void Process(int index, Virtqueue queue)
    {
        if (index == ReceiveQueue)
            ConsoleQueues.Fill(queue, input);
        else
            ConsoleQueues.Print(queue, output);
    }
}
