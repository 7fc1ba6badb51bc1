using System.Runtime.InteropServices;

namespace LilyVM.Engines.User;

/// <summary>Receives a file descriptor from a child, through a pair of sockets (unix(7), SCM_RIGHTS).</summary>
internal static unsafe partial class DescriptorSocket
{
    private const int Local = 1, Packets = 5, CloseOnExec = 0x8_0000; // socket(2)
    private const int Rights = 1, SocketLevel = 1, CloseReceivedOnExec = 0x4000_0000, Interrupted = 4; // recvmsg(2); EINTR

    /// <summary>Makes a pair, both closed on exec and above the descriptors that stubs are given.</summary>
    internal static bool TryMakePair(out int mine, out int its)
    {
        int* pair = stackalloc int[2];
        mine = its = -1;
        if (MakePair(Local, Packets | CloseOnExec, 0, pair) != 0)
            return false;
        mine = HostCalls.MoveUp(pair[0]);
        its = HostCalls.MoveUp(pair[1]);
        if (mine >= 0 && its >= 0)
            return true;
        _ = HostCalls.Close(mine);
        _ = HostCalls.Close(its);
        return false;
    }

    /// <summary>Waits for one; -1 if the other end was closed without sending any. It is closed on exec.</summary>
    internal static int Receive(int socket)
    {
        byte data;
        var piece = new Piece { Start = (nint)(&data), Bytes = 1 };
        ControlMessage control = default;
        var message = new Message
        {
            Pieces = (nint)(&piece),
            PieceCount = 1,
            Control = (nint)(&control),
            ControlBytes = (nuint)sizeof(ControlMessage),
        };
        nint received;
        do
        {
            received = Receive(socket, &message, CloseReceivedOnExec);
        }
        while (received < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        return received == 1 && control is { Level: SocketLevel, Type: Rights } ? control.Descriptor : -1;
    }

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int MakePair(int domain, int type, int protocol, int* pair);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint Receive(int socket, Message* message, int flags);

    // struct iovec, struct msghdr, and struct cmsghdr with one descriptor.
    private struct Piece
    {
        public nint Start;
        public nuint Bytes;
    }

    private struct Message
    {
        public nint Name, NameBytes, Pieces;
        public nuint PieceCount;
        public nint Control;
        public nuint ControlBytes;
        public nint Flags;
    }

    private struct ControlMessage
    {
        public nuint Bytes;
        public int Level, Type, Descriptor, Padding;
    }
}
