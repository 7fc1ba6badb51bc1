using System.Net.Sockets;
using LilyVM.Devices.Virtio;
using LilyVM.Memory;

namespace LilyVM.Devices.VhostUser;

/// <summary>
/// A virtio device whose queues another process serves: it maps guest RAM, is kicked by the guest's notifications and calls when it has
/// used buffers. Here are only features, configuration space and status. What the back end does wrong, its end too, breaks this device,
/// once, and is told the user in a sentence; the machine goes on.
/// </summary>
internal sealed class VhostUserDevice : VirtioDevice
{
    /// <summary>How long a back end may take to answer; it answers at once if it works.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private const ulong OfferedAddress = 1 << 5; // VIRTIO_NET_F_MAC (virtio 1.2, 5.1.3)

    private readonly VhostUserKind kind;
    private readonly string name;
    private readonly Action<string>? tell;
    private readonly VhostUserFrontEnd frontEnd;
    private readonly List<EventFile> kicks = [], calls = [];
    private readonly byte[] configuration;
    private readonly VhostUserWatcher watcher;
    private readonly List<uint> started = [];
    private readonly Lock gate = new(); // of what follows, to set it
    private volatile bool isBroken;
    private bool isGone;

    /// <summary>Takes over a connection to a back end.</summary>
    /// <param name="socket">The connection, a stream of Unix's.</param>
    /// <param name="name">What the back end is called at the beginning of a sentence.</param>
    /// <param name="kind">The type of device.</param>
    /// <param name="configuration">The configuration space if it is not the back end's to tell.</param>
    /// <param name="ram">Guest RAM, which the back end gets.</param>
    /// <param name="tell">Called once with a sentence about the back end's end; on another thread.</param>
    /// <param name="patience">How long the back end may take to answer; null for <see cref="Patience"/>.</param>
    /// <exception cref="LilyVMException">The back end is none, or not for such a device.</exception>
    internal VhostUserDevice(
        Socket socket, string name, VhostUserKind kind, byte[]? configuration, GuestRam ram, Action<string>? tell, TimeSpan? patience = null)
    {
        this.kind = kind;
        this.name = name;
        this.tell = tell;
        var stream = new VhostUserSocket(socket, name, patience ?? Patience);
        try
        {
            if (ram.Descriptor < 0)
                throw new LilyVMException("This engine keeps guest memory where no other process can have it, so there are no vhost-user devices.");
            frontEnd = new VhostUserFrontEnd(stream, ram);
            Require(stream);
            this.configuration = configuration ?? ReadConfiguration();
            for (int i = 0; i < kind.Queues; i++)
            {
                kicks.Add(new EventFile());
                calls.Add(new EventFile());
            }
            watcher = new VhostUserWatcher($"vhost-{kind.Id}", stream.Descriptor, calls, () => Completed(), () => Break(GoneSentence));
        }
        catch
        {
            stream.Dispose();
            kicks.ForEach(k => k.Dispose());
            calls.ForEach(c => c.Dispose());
            throw;
        }
    }

    /// <summary>The back end's process, if it is one of ours, which ends with the device.</summary>
    internal IDisposable? Daemon { get; init; }

    /// <inheritdoc/>
    internal override uint DeviceId => kind.Id;

    /// <inheritdoc/>
    internal override ulong DeviceFeatures =>
        frontEnd.Features & kind.Features | (kind == VhostUserKind.Network ? OfferedAddress : 0);

    /// <inheritdoc/>
    internal override ulong RingFeatures => frontEnd.Features & Virtqueue.Features;

    /// <inheritdoc/>
    internal override int QueueCount => kind.Queues;

    /// <inheritdoc/>
    internal override ReadOnlySpan<byte> Configuration => configuration;

    /// <inheritdoc/>
    internal override IReadOnlyList<EventFile> Kicks => kicks;

    /// <inheritdoc/>
    internal override void WriteConfiguration(uint offset, byte value)
    {
        if (offset != kind.WritableByte || !frontEnd.HasConfiguration)
            return;
        Attempt(() =>
        {
            frontEnd.WriteConfiguration(offset, value);
            configuration[offset] = value;
        });
    }

    /// <inheritdoc/>
    internal override void Start(IReadOnlyList<Virtqueue> queues)
    {
        Attempt(() => StartRings(queues));
        if (isBroken)
            Broken(); // it may have been before, when no driver was there to be told
    }

    /// <summary>The transport was notified, by an engine that cannot signal the back end itself.</summary>
    internal override void Process(int index, Virtqueue queue) => kicks[index].Signal();

    /// <inheritdoc/>
    internal override void Reset()
    {
        base.Reset();
        Attempt(() => started.ForEach(frontEnd.Stop));
        started.Clear();
    }

    /// <summary>The machine ends: the back end's own end is no news any more.</summary>
    public override void Dispose()
    {
        lock (gate)
            isGone = true;
        watcher.Dispose();
        frontEnd.Dispose();
        Daemon?.Dispose();
        kicks.ForEach(k => k.Dispose());
        calls.ForEach(c => c.Dispose());
        base.Dispose();
    }

    private string GoneSentence => $"{name} has ended; the guest cannot use its device any more.";

    private void StartRings(IReadOnlyList<Virtqueue> queues)
    {
        Vring[] rings =
        [
            .. queues.Take(kind.BackEndQueues).Select((queue, index) => (queue, index)).Where(q => q.queue.Ready).Select(q => new Vring(
                (uint)q.index, q.queue.Size, q.queue.DescriptorArea, q.queue.DriverArea, q.queue.DeviceArea, kicks[q.index],
                calls[q.index])),
        ];
        frontEnd.Start(Features, rings);
        started.AddRange(rings.Select(r => r.Index));
    }

    private void Require(VhostUserSocket stream)
    {
        if ((frontEnd.Features & VirtioMmio.Version1) == 0)
            throw stream.Fails("serves legacy drivers only (it has no VIRTIO_F_VERSION_1)");
        if (frontEnd.QueueCount() is { } count && count < (ulong)kind.BackEndQueues)
            throw stream.Fails($"has {count} queues, too few for this type of device, which has {kind.BackEndQueues}");
    }

    private byte[] ReadConfiguration()
    {
        byte[] bytes = new byte[frontEnd.HasConfiguration ? kind.ConfigurationBytes : 0];
        if (bytes.Length > 0)
            frontEnd.ReadConfiguration(bytes);
        return bytes;
    }

    // The transport lets one thread in at a time. After the first failure nothing is said to the back end any more.
    private void Attempt(Action action)
    {
        if (isBroken)
            return;
        try
        {
            action();
        }
        catch (LilyVMException e)
        {
            Break(e.Message);
        }
    }

    private void Break(string sentence)
    {
        lock (gate)
        {
            if (isBroken || isGone)
                return;
            isBroken = true;
        }
        tell?.Invoke(sentence);
        Broken();
    }
}
