namespace LilyVM.Devices;

/// <summary>
/// What was typed to a guest and waits until it reads. It holds a limited number of bytes, however little the guest reads and however much
/// is piped in: whoever adds more waits for room, so that a pipe behind it fills and its writer waits too.
/// </summary>
public sealed class InputQueue
{
    /// <summary>
    /// Most bytes that wait: more than anybody pastes, so that the keys for LilyVM, which come behind a paste, are seen even if the guest
    /// reads nothing.
    /// </summary>
    public const int Limit = 1 << 20;

    private readonly object gate = new();
    private readonly Queue<byte> bytes = new();
    private bool closed;

    /// <summary>Number of bytes that wait.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return bytes.Count;
        }
    }

    /// <summary>
    /// Waits for room, takes as many bytes as there is room for, and returns how many; all of them once the queue is closed, for nobody
    /// reads them.
    /// </summary>
    public int Add(ReadOnlySpan<byte> added)
    {
        lock (gate)
        {
            while (bytes.Count == Limit && !closed)
                Monitor.Wait(gate);
            return closed ? added.Length : Put(added[..Math.Min(added.Length, Limit - bytes.Count)]);
        }
    }

    /// <summary>Adds all of the bytes, waiting for room as often as there is none, and tells the reader each time.</summary>
    internal void AddAll(ReadOnlySpan<byte> added, IInputReader reader)
    {
        while (added.Length > 0)
        {
            added = added[Add(added)..];
            reader.InputArrived();
        }
    }

    /// <summary>Takes all bytes or, if there is no room for them, none; never waits.</summary>
    public bool TryAdd(ReadOnlySpan<byte> added)
    {
        lock (gate)
            return !closed && added.Length <= Limit - bytes.Count && Put(added) == added.Length;
    }

    /// <summary>The next byte, if one waits.</summary>
    public bool TryDequeue(out byte next)
    {
        lock (gate)
        {
            if (!bytes.TryDequeue(out next))
                return false;
            if (bytes.Count == Limit - 1)
                Monitor.PulseAll(gate);
            return true;
        }
    }

    /// <summary>Waits for bytes and returns how many it gave; 0 once the queue is closed.</summary>
    public int Take(Span<byte> taken)
    {
        lock (gate)
        {
            while (bytes.Count == 0 && !closed)
                Monitor.Wait(gate);
            return closed ? 0 : TakeWaiting(taken);
        }
    }

    /// <summary>Gives what waits, and returns how many bytes that were; never waits.</summary>
    internal int TryTake(Span<byte> taken)
    {
        lock (gate)
            return TakeWaiting(taken);
    }

    /// <summary>Nobody reads any more: what waits is forgotten, and so is what comes.</summary>
    public void Close()
    {
        lock (gate)
        {
            closed = true;
            bytes.Clear();
            Monitor.PulseAll(gate);
        }
    }

    private int TakeWaiting(Span<byte> taken)
    {
        int count = Math.Min(taken.Length, bytes.Count);
        for (int i = 0; i < count; i++)
            taken[i] = bytes.Dequeue();
        Monitor.PulseAll(gate);
        return count;
    }

    private int Put(ReadOnlySpan<byte> added)
    {
        foreach (byte b in added)
            bytes.Enqueue(b);
        Monitor.PulseAll(gate);
        return added.Length;
    }
}

/// <summary>A device that takes its input from an <see cref="InputQueue"/>.</summary>
internal interface IInputReader
{
    /// <summary>There is something new in the queue. Any thread may call it.</summary>
    void InputArrived();
}
