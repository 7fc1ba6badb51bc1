using System.Net.Sockets;

namespace LilyVM.Cli.Lab;

/// <summary>Our end of a serial port of the lab: a socket that QEMU connects to, and a thread that takes what arrives.</summary>
internal sealed class LabPort : IDisposable
{
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Thread thread;
    private readonly Taker take;

    /// <summary>Takes some bytes.</summary>
    internal delegate void Taker(ReadOnlySpan<byte> bytes);

    /// <summary>Listens from now on.</summary>
    internal LabPort(string path, Taker take)
    {
        this.take = take;
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        thread = new Thread(Receive) { IsBackground = true };
        thread.Start();
    }

    /// <summary>Why some bytes were lost: nobody takes them any more.</summary>
    internal string? Failure { get; private set; }

    /// <summary>Waits until all that QEMU sent is taken; it must have ended.</summary>
    internal void Finish()
    {
        listener.Dispose(); // wakes a thread that QEMU never connected to
        thread.Join();
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private void Receive()
    {
        try
        {
            using Socket connection = listener.Accept();
            byte[] buffer = new byte[4096];
            for (int count; (count = connection.Receive(buffer)) > 0;)
                Take(buffer.AsSpan(0, count));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // QEMU did not start, or ended with bytes unread on its side.
        }
    }

    // QEMU must be able to go on even if our output cannot be written.
    private void Take(ReadOnlySpan<byte> bytes)
    {
        if (Failure is not null)
            return;
        try
        {
            take(bytes);
        }
        catch (IOException e)
        {
            Failure = e.Message;
        }
    }
}
