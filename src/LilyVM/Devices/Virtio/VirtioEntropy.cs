using System.Security.Cryptography;

namespace LilyVM.Devices.Virtio;

/// <summary>An entropy device (virtio 1.2, 5.4): fills buffers with random bytes of the host.</summary>
public sealed class VirtioEntropy : VirtioDevice
{
    // A request gets no more, so that a greedy guest does not keep the thread for long. Fewer bytes than asked for are allowed.
    private const ulong MostBytes = 64 * 1024;

    internal override uint DeviceId => 4;

    internal override ulong DeviceFeatures => 0;

    internal override int QueueCount => 1;

    internal override void Process(int index, Virtqueue queue)
    {
        while (queue.TryPop(out VirtqueueChain? request))
        {
            while (request.Written < MostBytes && request.WritableLeft > 0)
                RandomNumberGenerator.Fill(request.NextWritable(MostBytes - request.Written));
            queue.Complete(request);
        }
    }
}
