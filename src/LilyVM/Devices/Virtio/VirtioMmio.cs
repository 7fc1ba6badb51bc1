using System.Globalization;
using LilyVM.Memory;

namespace LilyVM.Devices.Virtio;

/// <summary>
/// The memory-mapped transport, version 2 (virtio 1.2, 4.2.2). Registers are 32 bits wide and are used from the vCPU thread; queues are
/// processed by a thread of the device's own. A driver that breaks the rules gets DEVICE_NEEDS_RESET, and <see cref="Fault"/> says why.
/// </summary>
public sealed class VirtioMmio : IDevice, IDisposable
{
    /// <summary>Bytes of the register range.</summary>
    public const uint Length = 0x200;

    /// <summary>Offset of QueueNotify, the register that a driver writes most; writes to it may be delayed but not reordered.</summary>
    public const uint QueueNotify = 0x050;

    private const uint QueueSizeMax = 256, Configuration = 0x100;

    /// <summary>The feature bit of all but legacy devices (chapter 6).</summary>
    internal const ulong Version1 = 1UL << 32;

    // Device status (2.1).
    private const uint FeaturesOk = 8, DriverOk = 4, NeedsReset = 0x40, Failed = 0x80, DriverBits = 0x8F;

    private const uint UsedBuffer = 1, ConfigurationChange = 2; // InterruptStatus

    private readonly VirtioDevice device;
    private readonly Virtqueue[] queues;
    private readonly VirtioInterrupt interrupt;
    private readonly VirtioWorker worker;
    private readonly Lock gate = new(); // held while queues are processed or changed
    private readonly ulong offeredFeatures;
    private ulong driverFeatures;
    private uint deviceFeaturesSelect, driverFeaturesSelect, queueSelect;
    private volatile uint status, generation;

    /// <summary>Creates the transport, which owns the device from now on, and its thread.</summary>
    public VirtioMmio(VirtioDevice device, GuestRam ram, IInterruptLine line)
    {
        ArgumentNullException.ThrowIfNull(device);
        this.device = device;
        queues = [.. Enumerable.Range(0, device.QueueCount).Select(_ => new Virtqueue(ram, QueueSizeMax))];
        interrupt = new VirtioInterrupt(line);
        offeredFeatures = device.DeviceFeatures | device.RingFeatures | Version1;
        worker = new VirtioWorker($"virtio-{device.DeviceId}", Process);
        device.Wake = worker.Wake;
        device.ConfigurationChanged = TellOfConfiguration;
        device.Completed = () => interrupt.Raise(UsedBuffer);
        device.Broken = AskForReset;
    }

    /// <summary>What the driver did wrong last, for people to read; null if nothing.</summary>
    public string? Fault { get; private set; }

    /// <inheritdoc/>
    public uint Read(uint offset, int width)
    {
        if (offset >= Configuration)
            return ReadConfiguration(offset - Configuration, width);
        if (width != 4)
            return Bus.Ones(width);
        Virtqueue? queue = queueSelect < queues.Length ? queues[queueSelect] : null;
        return offset switch
        {
            0x000 => 0x7472_6976, // "virt"
            0x004 => 2, // version
            0x008 => device.DeviceId,
            0x00C => 0x594C_494C, // vendor: "LILY"
            0x010 => deviceFeaturesSelect < 2 ? (uint)(offeredFeatures >> (int)(32 * deviceFeaturesSelect)) : 0,
            0x034 => queue?.SizeMax ?? 0,
            0x044 => queue is { Ready: true } ? 1u : 0,
            0x060 => interrupt.Status,
            0x070 => status,
            0x0C0 => 0, // QueueReset: not offered
            0x0FC => generation, // ConfigGeneration
            _ => 0xFFFF_FFFF, // write-only ones; no shared memory, whose length reads all ones (4.2.2)
        };
    }

    /// <inheritdoc/>
    public void Write(uint offset, int width, uint value)
    {
        if (offset == QueueNotify && width == 4)
            Notify(value);
        else if (offset == 0x064 && width == 4)
            interrupt.Acknowledge(value);
        else if (offset >= Configuration || width == 4)
        {
            lock (gate)
                WriteRegister(offset, width, value);
        }
    }

    /// <summary>Stops the device's thread and frees the device.</summary>
    public void Dispose()
    {
        foreach (Virtqueue queue in queues)
            queue.Close(); // so that the thread ends after the request at hand
        worker.Dispose();
        device.Dispose();
    }

    private bool IsRunning => (status & (DriverOk | NeedsReset | Failed)) == DriverOk;

    // 2.5: a driver that reads the configuration while it changes sees another generation afterwards, and reads again.
    private void TellOfConfiguration()
    {
        lock (gate)
        {
            generation++;
            if ((status & DriverOk) != 0)
                interrupt.Raise(ConfigurationChange);
        }
    }

    private void Notify(uint queue)
    {
        if (queue < queues.Length)
            worker.Wake((int)queue);
    }

    private void WriteRegister(uint offset, int width, uint value)
    {
        switch (offset)
        {
            case 0x014:
                deviceFeaturesSelect = value;
                break;
            case 0x020 when driverFeaturesSelect < 2 && (status & FeaturesOk) == 0:
                int shift = (int)(32 * driverFeaturesSelect);
                driverFeatures = (driverFeatures & ~(0xFFFF_FFFFUL << shift)) | ((ulong)value << shift);
                break;
            case 0x024:
                driverFeaturesSelect = value;
                break;
            case 0x030:
                queueSelect = value;
                break;
            case 0x070:
                WriteStatus(value);
                break;
            case >= Configuration:
                for (int i = 0; i < width; i++)
                    device.WriteConfiguration(offset - Configuration + (uint)i, (byte)(value >> (8 * i)));
                break;
            default:
                if (queueSelect < queues.Length)
                    WriteQueue(queues[queueSelect], offset, value);
                break;
        }
    }

    private void WriteQueue(Virtqueue queue, uint offset, uint value)
    {
        if (offset == 0x044)
        {
            if (value == 0)
                queue.Disable();
            else if (!queue.Ready && !TryEnable(queue))
                Refuse((int)queueSelect, queue);
            return;
        }
        if (queue.Ready)
            return; // what a queue in use is made of cannot change
        switch (offset)
        {
            case 0x038:
                queue.Size = value;
                break;
            case 0x080 or 0x084:
                queue.DescriptorArea = WithHalf(queue.DescriptorArea, offset, value);
                break;
            case 0x090 or 0x094:
                queue.DriverArea = WithHalf(queue.DriverArea, offset, value);
                break;
            case 0x0A0 or 0x0A4:
                queue.DeviceArea = WithHalf(queue.DeviceArea, offset, value);
                break;
        }
    }

    private bool TryEnable(Virtqueue queue) => queue.TryEnable(
        (device.Features & Virtqueue.EventIndex) != 0, (device.Features & Virtqueue.IndirectDescriptors) != 0);

    // Of the two words of an address, the one that this offset is.
    private static ulong WithHalf(ulong old, uint offset, uint value) =>
        (offset & 4) == 0 ? (old & 0xFFFF_FFFF_0000_0000) | value : (uint)old | ((ulong)value << 32);

    private void WriteStatus(uint value)
    {
        if (value == 0)
        {
            Reset();
            return;
        }
        uint now = status | (value & DriverBits); // a driver only ever adds bits
        if ((now & ~status & FeaturesOk) != 0)
        {
            if ((driverFeatures & ~offeredFeatures) != 0 || (driverFeatures & Version1) == 0)
                now &= ~FeaturesOk; // the driver sees that it did not stay set
            else
                device.Features = driverFeatures;
        }
        bool starts = (now & ~status & DriverOk) != 0;
        status = now;
        if (!starts)
            return;
        device.Start(queues);
        for (int i = 0; i < queues.Length; i++)
            worker.Wake(i); // something may wait already, for example input
    }

    private void Reset()
    {
        status = 0;
        driverFeatures = 0;
        deviceFeaturesSelect = driverFeaturesSelect = queueSelect = 0;
        foreach (Virtqueue queue in queues)
            queue.Reset();
        device.Reset();
        interrupt.Acknowledge(uint.MaxValue);
    }

    private uint ReadConfiguration(uint offset, int width)
    {
        ReadOnlySpan<byte> bytes = device.Configuration;
        uint value = 0;
        for (int i = 0; i < width; i++)
            value |= (offset + i < bytes.Length ? bytes[(int)offset + i] : 0xFFu) << (8 * i);
        return value;
    }

    // On the device's thread.
    private void Process(int index)
    {
        lock (gate)
        {
            Virtqueue queue = queues[index];
            if (!IsRunning || !queue.Ready)
                return;
            device.Process(index, queue);
            if (queue.TakeSignal())
                interrupt.Raise(UsedBuffer);
            if (queue.Fault is not null)
                Refuse(index, queue);
        }
    }

    private void Refuse(int index, Virtqueue queue)
    {
        Fault = string.Create(CultureInfo.InvariantCulture,
            $"The driver of virtio device {device.DeviceId} gave queue {index} {queue.Fault}.");
        NeedReset();
    }

    private void AskForReset()
    {
        lock (gate)
            NeedReset();
    }

    private void NeedReset()
    {
        bool tell = (status & DriverOk) != 0; // 2.1.2: only a running driver is told
        status |= NeedsReset;
        if (tell)
            interrupt.Raise(ConfigurationChange);
    }
}
