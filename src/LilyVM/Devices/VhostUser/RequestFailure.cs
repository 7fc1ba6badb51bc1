using System.Buffers.Binary;
using LilyVM.Devices.Virtio;

namespace LilyVM.Devices.VhostUser;

/// <summary>
/// What the driver is answered in the place of a back end that is gone, and what a refusal looks like, by type of device.
/// </summary>
internal static class RequestFailure
{
    // Of a block device (virtio 1.2, 5.2.6) the last byte is the status.
    private const byte BlockError = 1;

    // Of a file system the answer is struct fuse_out_header: length, negative error, the request's number (linux/fuse.h).
    private const int RequestHeader = 40, AnswerHeader = 16, Number = 8, Operation = 4, IoError = -5;
    private const uint Forget = 2, BatchForget = 42; // which have no answer

    /// <summary>Answers a request of a block device.</summary>
    internal static void FailBlock(VirtqueueChain request) => Last(request).Fill(BlockError);

    /// <summary>Whether a block device has refused a request that it is done with.</summary>
    internal static bool IsRefusedBlock(VirtqueueChain request) => Last(request) is [BlockError];

    /// <summary>Answers a request of a file system.</summary>
    internal static void FailFileSystem(VirtqueueChain request)
    {
        Span<byte> header = stackalloc byte[RequestHeader], answer = stackalloc byte[AnswerHeader];
        if (!request.TryRead(header) || BinaryPrimitives.ReadUInt32LittleEndian(header[Operation..]) is Forget or BatchForget
            || request.WritableLeft < AnswerHeader)
            return;
        BinaryPrimitives.WriteInt32LittleEndian(answer, AnswerHeader);
        BinaryPrimitives.WriteInt32LittleEndian(answer[4..], IoError);
        header.Slice(Number, sizeof(ulong)).CopyTo(answer[Number..]);
        for (Span<byte> rest = answer; rest.Length > 0;)
        {
            Span<byte> place = request.NextWritable((ulong)rest.Length);
            rest[..place.Length].CopyTo(place);
            rest = rest[place.Length..];
        }
    }

    private static Span<byte> Last(VirtqueueChain request)
    {
        while (request.WritableLeft > 1)
            request.NextWritable(request.WritableLeft - 1);
        return request.NextWritable(1);
    }
}
