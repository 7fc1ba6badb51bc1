using LilyVM.Devices.VhostUser;

namespace LilyVM.Devices.Virtio;

/// <summary>
/// What lies behind a virtio transport: a kind of device. The transport calls <see cref="Process"/> on the device's own thread, and the
/// rest while that thread rests.
/// </summary>
public abstract class VirtioDevice : IDisposable
{
    /// <summary>Device type (virtio 1.2, chapter 5).</summary>
    internal abstract uint DeviceId { get; }

    /// <summary>Feature bits of this type of device, without the transport's.</summary>
    internal abstract ulong DeviceFeatures { get; }

    /// <summary>
    /// The feature bits 28 and 29, indirect descriptors and event indices (virtio 1.2, chapter 6), that this device's queues have.
    /// </summary>
    internal virtual ulong RingFeatures => Virtqueue.Features;

    /// <summary>Number of queues.</summary>
    internal abstract int QueueCount { get; }

    /// <summary>
    /// By queue, what may be signalled in place of a notification; empty if only the transport can tell the device.
    /// </summary>
    internal virtual IReadOnlyList<EventFile> Kicks => [];

    /// <summary>The feature bits that the driver accepted.</summary>
    internal ulong Features { get; set; }

    /// <summary>The configuration space.</summary>
    internal virtual ReadOnlySpan<byte> Configuration => default;

    /// <summary>Makes the transport call <see cref="Process"/> for a queue soon. Any thread may call it.</summary>
    internal Action<int> Wake { get; set; } = static _ => { };

    /// <summary>Makes the transport tell the driver that the configuration space changed. Any thread may call it.</summary>
    internal Action ConfigurationChanged { get; set; } = static () => { };

    /// <summary>
    /// Makes the transport tell the driver of used buffers, for devices whose queues others process. Any thread may call it.
    /// </summary>
    internal Action Completed { get; set; } = static () => { };

    /// <summary>
    /// Makes the transport tell the driver that the device works no more until it is reset. Any thread may call it.
    /// </summary>
    internal Action Broken { get; set; } = static () => { };

    /// <summary>The driver has set up the queues, and works from now on.</summary>
    internal virtual void Start(IReadOnlyList<Virtqueue> queues)
    {
    }

    /// <summary>The driver wrote a byte of the configuration space. Any byte; most cannot be changed.</summary>
    internal virtual void WriteConfiguration(uint offset, byte value)
    {
    }

    /// <summary>Handles all requests that wait in a queue. It never throws.</summary>
    internal abstract void Process(int index, Virtqueue queue);

    /// <summary>Returns to the state at power-on.</summary>
    internal virtual void Reset() => Features = 0;

    /// <summary>Frees what the device holds.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
