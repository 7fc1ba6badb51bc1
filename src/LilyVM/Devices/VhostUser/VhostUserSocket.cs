using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace LilyVM.Devices.VhostUser;

/// <summary>
/// The stream of messages to a back end ("Message specification"). Each is a header of request, flags and length, 4 bytes each, and so many
/// bytes more. Nothing that the back end sends is trusted: an answer must be the one to the request, of the length that it has. Files that
/// it sends are never taken, since no room is offered for them.
/// </summary>
internal sealed unsafe class VhostUserSocket : IDisposable
{
    private const int HeaderBytes = 12, MostPayload = 512;
    private const uint Version = 1, VersionMask = 3, Reply = 4, NeedsReply = 8; // flags

    private readonly Socket socket;
    private readonly string name;

    /// <summary>Takes over a stream socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="name">What the back end is called in sentences.</param>
    /// <param name="patience">How long it may take to answer, or to take a message.</param>
    internal VhostUserSocket(Socket socket, string name, TimeSpan patience)
    {
        this.socket = socket;
        this.name = name;
        socket.SendTimeout = socket.ReceiveTimeout = (int)patience.TotalMilliseconds;
    }

    /// <summary>File descriptor, to be polled.</summary>
    internal int Descriptor => (int)socket.Handle;

    /// <summary>Sends a request, with copies of open files.</summary>
    internal void Send(VhostUserRequest request, ReadOnlySpan<byte> payload, bool needsReply = false, params ReadOnlySpan<int> files)
    {
        byte* message = stackalloc byte[HeaderBytes + MostPayload];
        var bytes = new Span<byte>(message, HeaderBytes + payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)request);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Version | (needsReply ? NeedsReply : 0));
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], payload.Length);
        payload.CopyTo(bytes[HeaderBytes..]);
        int sent = FileSender.Send(Descriptor, bytes, files);
        int error = Marshal.GetLastPInvokeError();
        if (sent != bytes.Length) // a stream of so few bytes is never cut, but by the time limit
            throw Fails(sent >= 0 ? "does not take what it is told" : Marshal.GetPInvokeErrorMessage(error).ToLowerInvariant());
    }

    /// <summary>Takes the answer to a request, of just so many bytes.</summary>
    internal void Receive(VhostUserRequest request, Span<byte> payload)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        ReceiveAll(header);
        uint answered = BinaryPrimitives.ReadUInt32LittleEndian(header), flags = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]),
            length = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        if (answered != (uint)request || (flags & VersionMask) != Version || (flags & Reply) == 0)
            throw Fails($"answers {request} with what is no answer to it (request {answered}, flags 0x{flags:x})");
        if (length != (uint)payload.Length)
            throw Fails($"answers {request} with {length} bytes for {payload.Length}");
        ReceiveAll(payload);
    }

    /// <summary>The exception for what it does wrong.</summary>
    internal LilyVMException Fails(string what) => new($"{name} {what}.");

    /// <summary>Says that there will be no more, in both directions. Any thread may call it, and several times.</summary>
    internal void HangUp()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The other end was faster.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private void ReceiveAll(Span<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
            {
                int count = socket.Receive(bytes);
                if (count == 0)
                    throw Fails("has closed its connection");
                bytes = bytes[count..];
            }
        }
        catch (SocketException e)
        {
            throw Fails(e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock
                ? "does not answer" : "has closed its connection");
        }
    }
}
