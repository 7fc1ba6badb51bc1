using System.Buffers.Binary;
using System.Net.Sockets;
using LilyVM.Devices.VhostUser;
using LilyVM.Devices.Virtio;
using LilyVM.Engines.User;
using LilyVM.Memory;
using LilyVM.Tests.Recipes;
using static LilyVM.Devices.VhostUser.VhostUserRequest;

namespace LilyVM.Tests.Devices.VhostUser;

/// <summary>
/// A back end as small as the protocol allows, on a socket in a folder of its own: it serves one queue, and fills what a driver asks it to
/// write with <see cref="Pattern"/>. Tests replace its answers by others.
/// </summary>
internal sealed unsafe class TestBackEnd : IDisposable
{
    public const byte Pattern = 0x5A;
    public const ulong Version1 = 1UL << 32, HasProtocol = 1 << 30;
    private const int HeaderBytes = 12;

    private readonly ScratchFolder folder = new();
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly List<VhostUserRequest> requests = [];
    private readonly Thread thread;
    private Socket? connection;
    private (nint Start, ulong Size) map;
    private readonly List<int> files = [];
    private int kick = -1, call = -1, ringSize;
    private ulong[] addresses = [];
    private ulong baseAddress;
    private Virtqueue? queue;

    public TestBackEnd()
    {
        listener.Bind(new UnixDomainSocketEndPoint(Path));
        listener.Listen();
        thread = new Thread(Serve) { IsBackground = true, Name = "test back end" };
        thread.Start();
    }

    public string Path => folder["socket"];

    public ulong Features { get; init; } = Version1 | HasProtocol | Virtqueue.Features;

    public VhostUserProtocol Protocol { get; init; } =
        VhostUserProtocol.ReplyAck | VhostUserProtocol.Configuration | VhostUserProtocol.MultipleQueues;

    public ulong Queues { get; init; } = 1;

    public byte[] Configuration { get; init; } = new byte[256];

    /// <summary>Bytes sent in place of the usual answer to a request; empty for none at all, and null for the usual one.</summary>
    public Func<VhostUserRequest, byte[]?> Instead { get; init; } = _ => null;

    /// <summary>Takes requests and does nothing with them, as long as it is set.</summary>
    public volatile bool Holds;

    /// <summary>Requests taken so far.</summary>
    public volatile int Taken;

    /// <summary>What was asked so far.</summary>
    public IReadOnlyList<VhostUserRequest> Requests
    {
        get
        {
            lock (requests)
                return [.. requests];
        }
    }

    /// <summary>The features that the driver took.</summary>
    public ulong Accepted { get; private set; }

    /// <summary>Fills what a driver asks it to write; <see cref="Pattern"/> otherwise.</summary>
    public byte Fill { get; init; } = Pattern;

    /// <summary>What the driver wrote to the configuration space last: offset and byte.</summary>
    public (uint Offset, byte Value)? Written { get; private set; }

    /// <summary>A message, as it goes over the socket.</summary>
    public static byte[] Message(uint request, uint flags, params byte[] payload) =>
        [.. BitConverter.GetBytes(request), .. BitConverter.GetBytes(flags), .. BitConverter.GetBytes(payload.Length), .. payload];

    /// <summary>The connection breaks, as when a back end dies.</summary>
    public void Die()
    {
        listener.Dispose();
        if (connection?.Connected == true)
            connection.Shutdown(SocketShutdown.Both); // which our thread, waiting for it, would put off
        connection?.Dispose();
    }

    public void Dispose()
    {
        Die();
        thread.Join();
        if (map.Start != 0)
            _ = HostCalls.Unmap(map.Start, (nuint)map.Size);
        files.ForEach(f => _ = HostCalls.Close(f));
        folder.Dispose();
    }

    private void Serve()
    {
        try
        {
            connection = listener.Accept();
            byte[] message = new byte[4096];
            while (true)
            {
                int count = 0;
                List<int> received = [];
                for (int wanted = HeaderBytes; count < wanted;
                    wanted = HeaderBytes + (count >= HeaderBytes ? BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(8)) : 0))
                {
                    int more = ReceiveOrWork(message.AsSpan(count, wanted - count), received);
                    if (more == 0)
                        return;
                    count += more;
                }
                files.AddRange(received);
                Answer((VhostUserRequest)BinaryPrimitives.ReadUInt32LittleEndian(message),
                    (BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(4)) & 8) != 0, message.AsSpan(HeaderBytes, count - HeaderBytes),
                    received);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test ends it.
        }
    }

    private int ReceiveOrWork(Span<byte> bytes, List<int> received)
    {
        while (true)
        {
            Span<Polled> wait =
                [new Polled((int)connection!.Handle, Polled.Readable), new Polled(queue is null ? -1 : kick, Polled.Readable)];
            Polled.Wait(wait);
            if (wait[1].IsReady)
                Work();
            if (wait[0].IsReady)
                return FileReceiver.Receive((int)connection.Handle, bytes, received);
        }
    }

    private void Answer(VhostUserRequest request, bool wantsReply, Span<byte> payload, List<int> received)
    {
        lock (requests)
            requests.Add(request);
        ulong Word(Span<byte> bytes, int index) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * index)..]);
        byte[]? answer = wantsReply ? new byte[8] : null;
        switch (request)
        {
            case GetFeatures:
                answer = BitConverter.GetBytes(Features);
                break;
            case GetProtocolFeatures:
                answer = BitConverter.GetBytes((ulong)Protocol);
                break;
            case GetQueueNum:
                answer = BitConverter.GetBytes(Queues);
                break;
            case GetConfig:
                Configuration.AsSpan(0, payload.Length - 12).CopyTo(payload[12..]);
                answer = payload.ToArray();
                break;
            case SetConfig:
                Written = (BinaryPrimitives.ReadUInt32LittleEndian(payload), payload[12]);
                break;
            case SetFeatures:
                Accepted = Word(payload, 0);
                break;
            case SetMemTable:
                Assert.Equal((1ul, 0ul, 0ul), (Word(payload, 0), Word(payload, 1), Word(payload, 4)));
                map = (HostCalls.Map(0, (nuint)Word(payload, 2), HostCalls.ReadWrite, HostCalls.Shared, received.Single(), 0),
                    Word(payload, 2));
                baseAddress = Word(payload, 3);
                break;
            case SetVringNum:
                ringSize = payload[4];
                break;
            case SetVringAddr:
                addresses = [Word(payload, 1), Word(payload, 3), Word(payload, 2)]; // the used ring comes before the available one
                break;
            case SetVringKick:
                kick = received.Single();
                break;
            case SetVringCall:
                call = received.Single();
                break;
            case SetVringEnable:
                Enable();
                break;
            case GetVringBase:
                queue = null;
                answer = payload.ToArray();
                break;
        }
        if (Instead(request) is { } other)
            connection!.Send(other);
        else if (answer is not null)
            connection!.Send(Message((uint)request, 5, answer));
    }

    private void Enable()
    {
        var ring = new Virtqueue(new GuestRam((byte*)map.Start, map.Size), 1024)
        {
            Size = (uint)ringSize,
            DescriptorArea = addresses[0] - baseAddress,
            DriverArea = addresses[1] - baseAddress,
            DeviceArea = addresses[2] - baseAddress,
        };
        Assert.True(ring.TryEnable((Accepted & Virtqueue.EventIndex) != 0, (Accepted & Virtqueue.IndirectDescriptors) != 0));
        queue = ring;
    }

    private void Work()
    {
        const long Read = 0, Write = 1; // system calls
        ulong count = 0;
        _ = HostCalls.Call(Read, kick, (nint)(&count), sizeof(ulong), 0, 0);
        while (queue!.TryPop(out VirtqueueChain? request))
        {
            Taken++;
            if (Holds)
                continue;
            while (request.WritableLeft > 0)
                request.NextWritable(request.WritableLeft).Fill(Fill);
            queue.Complete(request);
        }
        count = 1;
        if (queue.TakeSignal())
            _ = HostCalls.Call(Write, call, (nint)(&count), sizeof(ulong), 0, 0);
    }
}
