namespace LilyVM.Devices.VhostUser;

/// <summary>
/// The thread that waits for a back end: for its calls, which say that there are used buffers, and for its end.
/// </summary>
internal sealed class VhostUserWatcher : IDisposable
{
    private readonly EventFile stop = new();
    private readonly Thread thread;

    /// <summary>Starts it.</summary>
    /// <param name="name">Of the thread.</param>
    /// <param name="connection">Descriptor of the socket.</param>
    /// <param name="calls">What the back end signals.</param>
    /// <param name="called">Called for each call, or once for several.</param>
    /// <param name="ended">Called once when the other end of the socket is gone, after which nothing else is.</param>
    internal VhostUserWatcher(string name, int connection, IReadOnlyList<EventFile> calls, Action called, Action ended)
    {
        thread = new Thread(() => Watch(connection, calls, called, ended)) { Name = name, IsBackground = true };
        thread.Start();
    }

    /// <summary>Ends the thread, after the call at hand.</summary>
    public void Dispose()
    {
        stop.Signal();
        thread.Join();
        stop.Dispose();
    }

    private void Watch(int connection, IReadOnlyList<EventFile> calls, Action called, Action ended)
    {
        const int First = 2; // of the calls
        Span<Polled> files = new Polled[First + calls.Count];
        files[0] = new Polled(stop.Descriptor, Polled.Readable);
        files[1] = new Polled(connection, Polled.HungUp); // what it sends is an answer that somebody waits for
        for (int i = 0; i < calls.Count; i++)
            files[First + i] = new Polled(calls[i].Descriptor, Polled.Readable);
        while (true)
        {
            Polled.Wait(files);
            if (files[0].IsReady)
                return;
            bool isCalled = false;
            for (int i = 0; i < calls.Count; i++)
            {
                if (!files[First + i].IsReady)
                    continue;
                calls[i].Take();
                isCalled = true;
            }
            if (isCalled)
                called();
            if (files[1].IsReady)
            {
                ended();
                return;
            }
        }
    }
}
