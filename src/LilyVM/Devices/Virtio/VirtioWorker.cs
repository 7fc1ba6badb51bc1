namespace LilyVM.Devices.Virtio;

/// <summary>
/// The thread of one virtio device. Waking it costs the vCPU thread little, however often; it handles a queue once for many wakes.
/// </summary>
internal sealed class VirtioWorker : IDisposable
{
    private readonly object gate = new();
    private readonly Action<int> process;
    private readonly Thread thread;
    private uint wanted; // one bit per queue
    private bool stopping;

    internal VirtioWorker(string name, Action<int> process)
    {
        this.process = process;
        thread = new Thread(Run) { Name = name, IsBackground = true };
        thread.Start();
    }

    /// <summary>Has the thread process a queue (below 32) soon.</summary>
    internal void Wake(int queue)
    {
        lock (gate)
        {
            if (wanted == 0)
                Monitor.Pulse(gate);
            wanted |= 1u << queue;
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            Monitor.Pulse(gate);
        }
        thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            uint queues;
            lock (gate)
            {
                while (wanted == 0 && !stopping)
                    Monitor.Wait(gate);
                if (stopping)
                    return;
                queues = wanted;
                wanted = 0;
            }
            for (int i = 0; queues >> i != 0; i++)
            {
                if ((queues >> i & 1) != 0)
                    process(i);
            }
        }
    }
}
