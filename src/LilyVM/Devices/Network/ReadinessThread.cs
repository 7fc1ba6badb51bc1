using System.Net.Sockets;

namespace LilyVM.Devices.Network;

/// <summary>
/// Waits on a thread of its own until a socket can be read, or written, and says so once for each time that it was asked to.
/// </summary>
internal sealed class ReadinessThread : IDisposable
{
    private readonly Socket socket;
    private readonly SelectMode mode;
    private readonly Action ready;
    private readonly AutoResetEvent asked = new(false);
    private readonly Thread thread;
    private volatile bool stopping;

    internal ReadinessThread(string name, Socket socket, SelectMode mode, Action ready)
    {
        this.socket = socket;
        this.mode = mode;
        this.ready = ready;
        thread = new Thread(Run) { Name = name, IsBackground = true };
        thread.Start();
    }

    /// <summary>Asks to be told once. Any thread may call it.</summary>
    internal void Ask() => asked.Set();

    /// <summary>Ends the thread; the socket was shut down before, so that it does not wait any more.</summary>
    public void Dispose()
    {
        stopping = true;
        asked.Set();
        thread.Join();
        asked.Dispose();
    }

    private void Run()
    {
        while (asked.WaitOne() && !stopping)
        {
            try
            {
                socket.Poll(Timeout.InfiniteTimeSpan, mode);
            }
            catch (SocketException)
            {
                // Whoever reads or writes is told what is wrong.
            }
            if (!stopping)
                ready();
        }
    }
}
