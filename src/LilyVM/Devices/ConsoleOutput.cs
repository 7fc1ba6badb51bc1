namespace LilyVM.Devices;

/// <summary>Where a device writes what the guest prints.</summary>
public interface IConsoleOutput
{
    /// <summary>Takes bytes in their order. Any thread may call it.</summary>
    void Write(ReadOnlySpan<byte> bytes);
}

/// <summary>
/// Collects what the guest prints and passes it on in few writes: when nothing was flushed for <see cref="Delay"/>, when the buffer is
/// full, and at <see cref="Flush"/>. A stream that fails loses all later output but disturbs nobody.
/// </summary>
public sealed class BufferedConsoleOutput : IConsoleOutput, IDisposable
{
    /// <summary>How long a byte may wait: shorter than people notice, longer than a guest needs for a line.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(4);

    private readonly Lock gate = new();
    private readonly Stream stream;
    private readonly ITimer timer;
    private readonly byte[] buffer = new byte[16 * 1024];
    private int used;
    private bool failed;

    /// <summary>Creates the buffer in front of a stream, which it does not close.</summary>
    public BufferedConsoleOutput(Stream stream, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        this.stream = stream;
        timer = time.CreateTimer(_ => Flush(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What the stream said when it failed; null if it did not, or if it is a pipe whose reader had enough.</summary>
    public string? Failure { get; private set; }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            while (bytes.Length > 0)
            {
                if (used == buffer.Length)
                    FlushLocked();
                if (used == 0)
                    timer.Change(Delay, Timeout.InfiniteTimeSpan);
                int count = Math.Min(bytes.Length, buffer.Length - used);
                bytes[..count].CopyTo(buffer.AsSpan(used));
                used += count;
                bytes = bytes[count..];
            }
        }
    }

    /// <summary>Passes on what was collected.</summary>
    public void Flush()
    {
        lock (gate)
            FlushLocked();
    }

    /// <summary>Flushes; no write may follow.</summary>
    public void Dispose()
    {
        timer.Dispose();
        Flush();
    }

    private void FlushLocked()
    {
        if (used == 0)
            return;
        try
        {
            if (!failed)
            {
                stream.Write(buffer, 0, used);
                stream.Flush();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            failed = true;
            const int BrokenPipe = 32; // EPIPE
            Failure = e.HResult == BrokenPipe ? null : e.Message;
        }
        used = 0;
    }
}
