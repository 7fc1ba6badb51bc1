namespace LilyVM.Devices.Virtio;

/// <summary>The two directions of a console or of one port of it: bytes in buffers (virtio 1.2, 5.3.6).</summary>
internal static class ConsoleQueues
{
    /// <summary>
    /// Gives the driver what waits in the queue of input, as far as it has buffers. Only the device's thread takes from it.
    /// </summary>
    internal static void Fill(Virtqueue queue, InputQueue input)
    {
        while (input.Count > 0 && queue.TryPop(out VirtqueueChain? request))
        {
            while (input.Count is > 0 and int waiting && request.WritableLeft > 0)
                input.TryTake(request.NextWritable((ulong)waiting));
            queue.Complete(request);
        }
    }

    /// <summary>Takes all that the driver prints.</summary>
    internal static void Print(Virtqueue queue, IConsoleOutput output)
    {
        while (queue.TryPop(out VirtqueueChain? request))
        {
            while (request.ReadableLeft > 0)
                output.Write(request.NextReadable(request.ReadableLeft));
            queue.Complete(request);
        }
    }
}
