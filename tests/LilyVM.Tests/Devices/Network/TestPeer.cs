using LilyVM.Devices.Network;

namespace LilyVM.Tests.Devices.Network;

/// <summary>A peer whose frames are lists.</summary>
internal sealed class TestPeer : INetworkPeer
{
    private readonly Queue<byte[]> arrived = new();
    private readonly byte[] room = new byte[1518];
    private readonly List<byte[]> sent = [];
    private Action hasArrived = () => { }, hasRoom = () => { };

    public int MaxFrame => room.Length;

    public string? Failure { get; set; }

    /// <summary>How many frames there is room for.</summary>
    public int Places { get; set; } = int.MaxValue;

    public int Flushes { get; private set; }

    public bool IsDisposed { get; private set; }

    public IReadOnlyList<byte[]> Sent
    {
        get
        {
            lock (sent)
                return [.. sent];
        }
    }

    public int Waiting
    {
        get
        {
            lock (arrived)
                return arrived.Count;
        }
    }

    public void Arrive(params byte[][] frames)
    {
        lock (arrived)
        {
            foreach (byte[] frame in frames)
                arrived.Enqueue(frame);
        }
        hasArrived();
    }

    public void MakeRoom(int places)
    {
        Places = places;
        hasRoom();
    }

    public void Connect(Action arrived, Action room) => (hasArrived, hasRoom) = (arrived, room);

    public bool TryPeek(out ReadOnlySpan<byte> frame)
    {
        lock (arrived)
        {
            bool there = arrived.TryPeek(out byte[]? next);
            frame = next;
            return there;
        }
    }

    public void Skip()
    {
        lock (arrived)
            arrived.Dequeue();
    }

    public Span<byte> Room() => Places > 0 ? room : default;

    public void Add(int length)
    {
        Places--;
        lock (sent)
            sent.Add(room[..length]);
    }

    public void Flush() => Flushes++;

    public void Dispose() => IsDisposed = true;
}
