namespace LilyVM.Devices.VhostUser;

/// <summary>
/// The thread that waits for a back end: for its calls, which say that there are used buffers, and for its end; after that, for the guest's
/// notifications, which nobody else takes any more.
/// </summary>
internal sealed class VhostUserWatcher : IDisposable
{
    private readonly EventFile stop = new();
    private readonly Thread thread;

    /// <summary>Starts it.</summary>
    /// <param name="name">Of the thread.</param>
    /// <param name="connection">Descriptor of the socket.</param>
    /// <param name="calls">What the back end signals.</param>
    /// <param name="kicks">What the guest signals.</param>
    /// <param name="called">Called for each call, or once for several.</param>
    /// <param name="ended">Called once when the other end of the socket is gone.</param>
    /// <param name="kicked">Called with a queue's number when it is notified after that.</param>
    internal VhostUserWatcher(
        string name, int connection, IReadOnlyList<EventFile> calls, IReadOnlyList<EventFile> kicks, Action called, Action ended,
        Action<int> kicked)
    {
        thread = new Thread(() =>
        {
            if (WatchBackEnd(connection, calls, called))
            {
                ended();
                WatchGuest(kicks, kicked);
            }
        }) { Name = name, IsBackground = true };
        thread.Start();
    }

    /// <summary>Ends the thread, after the call at hand.</summary>
    public void Dispose()
    {
        stop.Signal();
        thread.Join();
        stop.Dispose();
    }

    // True if the back end has ended, false if it is time for ourselves.
    private bool WatchBackEnd(int connection, IReadOnlyList<EventFile> calls, Action called)
    {
        // What it sends is an answer that somebody waits for.
        Polled[] files = [new(stop.Descriptor, Polled.Readable), new(connection, Polled.HungUp), .. Readable(calls)];
        while (true)
        {
            Polled.Wait(files);
            if (files[0].IsReady)
                return false;
            if (Take(calls, files.AsSpan(2)) != 0)
                called();
            if (files[1].IsReady)
                return true;
        }
    }

    private void WatchGuest(IReadOnlyList<EventFile> kicks, Action<int> kicked)
    {
        Polled[] files = [new(stop.Descriptor, Polled.Readable), .. Readable(kicks)];
        while (true)
        {
            Polled.Wait(files);
            if (files[0].IsReady)
                return;
            uint queues = Take(kicks, files.AsSpan(1));
            for (int i = 0; queues >> i != 0; i++)
            {
                if ((queues >> i & 1) != 0)
                    kicked(i);
            }
        }
    }

    private static IEnumerable<Polled> Readable(IReadOnlyList<EventFile> events) =>
        events.Select(e => new Polled(e.Descriptor, Polled.Readable));

    // A bit for each that was signalled.
    private static uint Take(IReadOnlyList<EventFile> events, ReadOnlySpan<Polled> found)
    {
        uint taken = 0;
        for (int i = 0; i < events.Count; i++)
        {
            if (!found[i].IsReady)
                continue;
            events[i].Take();
            taken |= 1u << i;
        }
        return taken;
    }
}
