using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;

namespace LilyVM.Devices.Network;

/// <summary>
/// A peer at the other end of a stream socket, as of QEMU's <c>-netdev stream</c> and passt(1): each frame goes behind its length in 32
/// bits, big-endian. Frames are read and written many at a time. The peer may be hostile: a length that no frame has ends the link.
/// </summary>
internal sealed class StreamPeer : INetworkPeer
{
    private const int LengthBytes = sizeof(uint);

    // QEMU's NET_BUFSIZE (include/net/net.h): no peer that is right sends more.
    private const uint LargestAnywhere = 4096 + 65536;

    // Several of the largest frames: a system call for each, and half the time goes into them.
    private const int BufferBytes = 512 * 1024;

    private readonly Socket socket;
    private readonly string name;
    private readonly Func<string> ended;
    private readonly byte[] received = new byte[BufferBytes], sent = new byte[BufferBytes];
    private int receivedStart, receivedEnd; // of what was received and not taken yet
    private int sentStart, sentEnd; // of what was added and is not sent yet
    private ReadinessThread? reading, writing;
    private bool hasReceived;

    /// <summary>Takes a connected socket, which it owns from now on.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="name">What the peer is called in sentences.</param>
    /// <param name="ended">Says of it that it has ended, and how.</param>
    /// <param name="maxFrame">Largest frame that it takes, in bytes; larger ones that come are dropped.</param>
    internal StreamPeer(Socket socket, string name, Func<string> ended, int maxFrame)
    {
        this.socket = socket;
        this.name = name;
        this.ended = ended;
        MaxFrame = maxFrame;
        socket.Blocking = false;
    }

    /// <inheritdoc/>
    public int MaxFrame { get; }

    /// <inheritdoc/>
    public string? Failure { get; private set; }

    /// <summary>Whether anything has come. Any thread may ask.</summary>
    internal bool HasReceived => Volatile.Read(ref hasReceived);

    /// <inheritdoc/>
    public void Connect(Action arrived, Action room)
    {
        reading = new ReadinessThread("network input", socket, SelectMode.SelectRead, arrived);
        writing = new ReadinessThread("network output", socket, SelectMode.SelectWrite, room);
        reading.Ask();
    }

    /// <inheritdoc/>
    public bool TryPeek(out ReadOnlySpan<byte> frame)
    {
        while (Failure is null)
        {
            int waiting = receivedEnd - receivedStart;
            if (waiting >= LengthBytes)
            {
                uint length = BinaryPrimitives.ReadUInt32BigEndian(received.AsSpan(receivedStart));
                if (length is 0 or > LargestAnywhere)
                {
                    Fail(string.Create(CultureInfo.InvariantCulture, $"{name} sent a frame of {length} bytes, which is nonsense"));
                    break;
                }
                if (waiting >= LengthBytes + (int)length)
                {
                    frame = received.AsSpan(receivedStart + LengthBytes, (int)length);
                    if (length <= MaxFrame)
                        return true;
                    Skip();
                    continue;
                }
            }
            if (!TryReceive())
                break;
        }
        frame = default;
        return false;
    }

    /// <inheritdoc/>
    public void Skip() => receivedStart += LengthBytes + (int)BinaryPrimitives.ReadUInt32BigEndian(received.AsSpan(receivedStart));

    /// <inheritdoc/>
    public Span<byte> Room()
    {
        if (Failure is not null)
            return sent.AsSpan(LengthBytes, MaxFrame); // what is written there goes nowhere
        if (sent.Length - sentEnd < LengthBytes + MaxFrame)
            Flush();
        if (sent.Length - sentEnd < LengthBytes + MaxFrame && sentStart > 0)
        {
            sent.AsSpan(sentStart, sentEnd - sentStart).CopyTo(sent);
            (sentStart, sentEnd) = (0, sentEnd - sentStart);
        }
        return sent.Length - sentEnd < LengthBytes + MaxFrame ? default : sent.AsSpan(sentEnd + LengthBytes, MaxFrame);
    }

    /// <inheritdoc/>
    public void Add(int length)
    {
        if (Failure is not null)
            return;
        BinaryPrimitives.WriteInt32BigEndian(sent.AsSpan(sentEnd), length);
        sentEnd += LengthBytes + length;
    }

    /// <inheritdoc/>
    public void Flush()
    {
        while (Failure is null && sentStart < sentEnd)
        {
            int count = socket.Send(sent.AsSpan(sentStart, sentEnd - sentStart), SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                writing?.Ask();
                return;
            }
            if (error != SocketError.Success)
                Fail(ended());
            sentStart += count;
        }
        sentStart = sentEnd = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both); // which wakes the threads
        }
        catch (SocketException)
        {
            // The peer was faster.
        }
        reading?.Dispose();
        writing?.Dispose();
        socket.Dispose();
    }

    // More behind what waits; false if nothing is there now, or nothing will ever be.
    private bool TryReceive()
    {
        if (receivedStart > 0) // what waits is less than a frame
        {
            received.AsSpan(receivedStart, receivedEnd - receivedStart).CopyTo(received);
            (receivedStart, receivedEnd) = (0, receivedEnd - receivedStart);
        }
        int count = socket.Receive(received.AsSpan(receivedEnd), SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
        {
            reading?.Ask();
            return false;
        }
        if (count == 0)
            Fail(ended());
        else
            Volatile.Write(ref hasReceived, true);
        receivedEnd += count;
        return count > 0;
    }

    private void Fail(string how) => Failure = $"{how}, so the guest's network link is down.";
}
