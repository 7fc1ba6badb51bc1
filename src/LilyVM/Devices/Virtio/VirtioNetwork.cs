using System.Buffers.Binary;
using LilyVM.Devices.Network;

namespace LilyVM.Devices.Virtio;

/// <summary>
/// A network card (virtio 1.2, 5.1) with one pair of queues, connected to a peer. No offloads: the peers that there are take and give
/// whole frames with their checksums, which a large MTU makes cheap. The link goes down with the peer.
/// </summary>
internal sealed class VirtioNetwork : VirtioDevice
{
    private const int EthernetHeader = 14, VlanTag = 4; // bytes

    private const int ReceiveQueue = 0, TransmitQueue = 1;

    // Feature bits (5.1.3).
    private const ulong Mtu = 1 << 3, Mac = 1 << 5, MergeableBuffers = 1 << 15, Status = 1 << 16;

    // struct virtio_net_config (5.1.4): MAC address, status, pairs of queues (not offered), MTU.
    private const int StatusOffset = 6, MtuOffset = 10, ConfigurationBytes = 12;
    private const ushort LinkUp = 1;

    // struct virtio_net_hdr (5.1.6): flags and offloads, all zero, and the number of buffers that a frame lies in.
    private const int HeaderBytes = 12, BufferCountOffset = 10;

    // Handled without a pause, so that the driver hears of them, and neither direction waits for the other.
    private const int Batch = 64;

    // Buffers of Linux's hold 1.5 KiB and more. A frame that takes more of a driver's than so many is lost.
    private const int MostBuffers = 64;

    private readonly INetworkPeer peer;
    private readonly Action<string>? tell;
    private readonly byte[] configuration = new byte[ConfigurationBytes];
    private readonly VirtqueueChain[] buffers = new VirtqueueChain[MostBuffers]; // the first that are not null are made
    private bool isDown;

    /// <summary>Connects a card to a peer, which it owns from now on.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="address">Its MAC address, 6 bytes.</param>
    /// <param name="mtu">Most bytes in a frame behind its header.</param>
    /// <param name="tell">Called once, on the device's thread, with a sentence when the peer is lost.</param>
    internal VirtioNetwork(INetworkPeer peer, ReadOnlySpan<byte> address, ushort mtu, Action<string>? tell = null)
    {
        this.peer = peer;
        this.tell = tell;
        address.CopyTo(configuration);
        BinaryPrimitives.WriteUInt16LittleEndian(configuration.AsSpan(StatusOffset), LinkUp);
        BinaryPrimitives.WriteUInt16LittleEndian(configuration.AsSpan(MtuOffset), mtu);
        peer.Connect(() => Wake(ReceiveQueue), () => Wake(TransmitQueue));
    }

    /// <summary>Bytes of the largest frame of a card with such an MTU.</summary>
    internal static int MaxFrame(int mtu) => Math.Min(mtu + EthernetHeader + VlanTag, ushort.MaxValue);

    internal override uint DeviceId => 1;

    internal override ulong DeviceFeatures => Mtu | Mac | MergeableBuffers | Status;

    internal override int QueueCount => 2;

    internal override ReadOnlySpan<byte> Configuration => configuration;

    internal override void Process(int index, Virtqueue queue)
    {
        if (index == ReceiveQueue)
            Receive(queue);
        else
            Transmit(queue);
        if (peer.Failure is { } failure && !isDown)
            TakeDown(failure);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        peer.Dispose();
        base.Dispose();
    }

    private void TakeDown(string failure)
    {
        isDown = true;
        BinaryPrimitives.WriteUInt16LittleEndian(configuration.AsSpan(StatusOffset), 0);
        ConfigurationChanged();
        tell?.Invoke(failure);
    }

    private void Transmit(Virtqueue queue)
    {
        for (int i = 0; i < Batch; i++)
        {
            Span<byte> room = peer.Room();
            if (room.IsEmpty || !queue.TryPop(out VirtqueueChain? request))
            {
                peer.Flush();
                return;
            }
            Send(request, room);
            queue.Complete(request);
        }
        peer.Flush();
        Wake(TransmitQueue);
    }

    private void Send(VirtqueueChain request, Span<byte> room)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (!request.TryRead(header) || request.ReadableLeft < EthernetHeader || request.ReadableLeft > (ulong)room.Length)
            return; // no frame that anybody would take
        int length = (int)request.ReadableLeft;
        if (request.TryRead(room[..length]))
            peer.Add(length);
    }

    private void Receive(Virtqueue queue)
    {
        for (int i = 0; i < Batch; i++)
        {
            if (!peer.TryPeek(out ReadOnlySpan<byte> frame))
                return;
            if (frame.Length >= EthernetHeader && !TryDeliver(queue, frame))
                return; // the driver notifies us when it has buffers
            peer.Skip();
        }
        Wake(ReceiveQueue);
    }

    // False if the driver has too few buffers now; a frame that would never fit is lost.
    private bool TryDeliver(Virtqueue queue, ReadOnlySpan<byte> frame)
    {
        ulong needed = HeaderBytes + (ulong)frame.Length, there = 0;
        int most = (Features & MergeableBuffers) != 0 ? MostBuffers : 1, count = 0;
        while (there < needed)
        {
            if (count == most)
            {
                queue.PutBack(count);
                return true;
            }
            if (!queue.TryPop(buffers[count] ??= queue.NewChain()))
            {
                queue.PutBack(count);
                return false;
            }
            there += buffers[count++].WritableLeft;
        }
        Span<byte> header = stackalloc byte[HeaderBytes];
        header.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(header[BufferCountOffset..], (ushort)count);
        int buffer = 0;
        Write(header, ref buffer);
        Write(frame, ref buffer);
        queue.Complete(buffers.AsSpan(0, count));
        return true;
    }

    private void Write(ReadOnlySpan<byte> bytes, ref int buffer)
    {
        while (bytes.Length > 0)
        {
            Span<byte> place = buffers[buffer].NextWritable((ulong)bytes.Length);
            if (place.IsEmpty)
            {
                buffer++;
                continue;
            }
            bytes[..place.Length].CopyTo(place);
            bytes = bytes[place.Length..];
        }
    }
}
