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
    private readonly GuestRam ram;
    private volatile VringWatch?[] watches = []; // by queue, of types whose requests can be answered in the back end's place
    private volatile Virtqueue? answers; // another view of a disk's queue, for the watcher's thread
    private uint inPlaceOfBackEnd; // a bit for each queue
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
        Socket socket, string name, VhostUserKind kind, byte[]? configuration, GuestRam ram, Action<string>? tell,
        TimeSpan? patience = null)
    {
        this.kind = kind;
        this.name = name;
        this.tell = tell;
        this.ram = ram;
        var stream = new VhostUserSocket(socket, name, patience ?? Patience);
        try
        {
            if (ram.Descriptor < 0)
            {
                throw new LilyVMException(
                    "This engine keeps guest memory where no other process can have it, so there are no vhost-user devices.");
            }
            frontEnd = new VhostUserFrontEnd(stream, ram);
            Require(stream);
            this.configuration = configuration ?? ReadConfiguration();
            for (int i = 0; i < kind.Queues; i++)
            {
                kicks.Add(new EventFile());
                calls.Add(new EventFile());
            }
            watcher = new VhostUserWatcher(
                $"vhost-{kind.Id}", stream.Descriptor, calls, kicks, Called, () => Break(GoneSentence), queue => Wake(queue));
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

    /// <summary>
    /// Called, on another thread, when the back end has answered a request with an error, of types where that can be told; null if nobody
    /// wants to know.
    /// </summary>
    internal Action? Refused { get; init; }

    /// <summary>Called, on another thread, when the back end has answered requests.</summary>
    internal Action? Answered { get; init; }

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
        inPlaceOfBackEnd = 0;
        Attempt(() => StartRings(queues));
        if (isBroken)
            TellDriver(); // it may have been before, when no driver was there to be told
    }

    /// <summary>
    /// The transport was notified, by an engine that cannot signal the back end itself; or there is no back end any more.
    /// </summary>
    internal override void Process(int index, Virtqueue queue)
    {
        if (!isBroken)
            kicks[index].Signal();
        else if (kind.Fail is { } fail)
            FailAll(index, queue, fail);
    }

    /// <inheritdoc/>
    internal override void Reset()
    {
        base.Reset();
        Attempt(() => started.ForEach(frontEnd.Stop));
        started.Clear();
        watches = [];
        answers = null;
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
        if (kind.Fail is not null)
            watches = [.. Enumerable.Range(0, kind.Queues).Select(i => rings.Any(r => r.Index == i)
                ? new VringWatch(ram, rings.First(r => r.Index == i)) : null)];
        answers = Refused is null ? null : Reader(queues[0]);
        frontEnd.Start(Features, rings);
        started.AddRange(rings.Select(r => r.Index));
    }

    private Virtqueue Reader(Virtqueue queue)
    {
        var reader = new Virtqueue(ram, queue.SizeMax)
        {
            Size = queue.Size, DescriptorArea = queue.DescriptorArea, DriverArea = queue.DriverArea, DeviceArea = queue.DeviceArea,
        };
        reader.TryEnable((Features & Virtqueue.EventIndex) != 0, (Features & Virtqueue.IndirectDescriptors) != 0);
        return reader;
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
        frontEnd.HangUp(); // a back end that is there still lets go, and the watcher takes the guest's notifications
        tell?.Invoke(sentence);
        TellDriver();
    }

    // What can be answered with errors is no broken device for its driver.
    private void TellDriver()
    {
        if (kind.Fail is null)
            Broken();
        for (int queue = 0; kind.Fail is not null && queue < kind.Queues; queue++)
            Wake(queue);
    }

    // On the watcher's thread.
    private void Called()
    {
        foreach (VringWatch? watch in watches)
            watch?.Look(Refused is null ? null : LookAtAnswer);
        Answered?.Invoke();
        Completed();
    }

    // A driver that found the answer by itself may have put the request's pieces to another use: then it is none any more.
    private void LookAtAnswer(ushort head)
    {
        if (answers is not { } reader)
            return;
        reader.Forgive();
        if (reader.Take(head) is { } request && kind.IsRefused!(request))
            Refused!();
    }

    // On the transport's thread.
    private void FailAll(int index, Virtqueue queue, Action<VirtqueueChain> fail)
    {
        if ((inPlaceOfBackEnd >> index & 1) == 0)
        {
            inPlaceOfBackEnd |= 1u << index;
            if (watches.ElementAtOrDefault(index) is { } watch)
            {
                (IReadOnlyList<ushort> heads, ushort taken, ushort returned) = watch.InHand();
                queue.GoOnFrom(taken, returned);
                foreach (ushort head in heads)
                    Answer(queue.Take(head));
            }
        }
        while (queue.TryPop(out VirtqueueChain? request))
            Answer(request);

        void Answer(VirtqueueChain? request)
        {
            if (request is null)
                return;
            fail(request);
            queue.Complete(request);
        }
    }
}
