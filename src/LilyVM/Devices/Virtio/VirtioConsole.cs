namespace LilyVM.Devices.Virtio;

/// <summary>A console device (virtio 1.2, 5.3) with one port: Linux's hvc0.</summary>
public sealed class VirtioConsole(IConsoleOutput output) : VirtioDevice
{
    private const int ReceiveQueue = 0;

    private readonly Queue<byte> input = new();

    /// <summary>Sends bytes to the guest. Any thread may call it; they wait until the guest gives buffers for them.</summary>
    public void Receive(ReadOnlySpan<byte> bytes)
    {
        lock (input)
        {
            foreach (byte b in bytes)
                input.Enqueue(b);
        }
        Wake(ReceiveQueue);
    }

    internal override uint DeviceId => 3;

    internal override ulong DeviceFeatures => 0;

    internal override int QueueCount => 2;

    internal override void Process(int index, Virtqueue queue)
    {
        if (index == ReceiveQueue)
            FillBuffers(queue);
        else
            Print(queue);
    }

    private void FillBuffers(Virtqueue queue)
    {
        lock (input)
        {
            while (input.Count > 0 && queue.TryPop(out VirtqueueChain? request))
            {
                while (input.Count > 0 && request.WritableLeft > 0)
                {
                    foreach (ref byte b in request.NextWritable((ulong)input.Count))
                        b = input.Dequeue();
                }
                queue.Complete(request);
            }
        }
    }

    private void Print(Virtqueue queue)
    {
        while (queue.TryPop(out VirtqueueChain? request))
        {
            while (request.ReadableLeft > 0)
                output.Write(request.NextReadable(request.ReadableLeft));
            queue.Complete(request);
        }
    }
}
