using System.Runtime.InteropServices;

namespace LilyVM.Devices.VhostUser;

/// <summary>
/// Sends bytes with copies of open files through a Unix socket (unix(7), SCM_RIGHTS), for which .NET has no name. Safe: the host's kernel
/// reads what lies on this method's stack, and in the caller's span.
/// </summary>
internal static unsafe partial class FileSender
{
    private const int SocketLevel = 1, Rights = 1, NoSignal = 0x4000, Interrupted = 4; // SOL_SOCKET, SCM_RIGHTS, MSG_NOSIGNAL, EINTR
    private const int MostFiles = 8, HeaderBytes = 16; // struct cmsghdr

    /// <summary>Sends; how many bytes went, or -1 with the error as the last one of this thread.</summary>
    internal static int Send(int socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<int> files)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(files.Length, MostFiles);
        long* control = stackalloc long[(HeaderBytes + MostFiles * sizeof(int)) / sizeof(long)];
        control[0] = HeaderBytes + files.Length * sizeof(int);
        control[1] = SocketLevel | (long)Rights << 32;
        files.CopyTo(new Span<int>(control + 2, MostFiles));
        fixed (byte* start = bytes)
        {
            var piece = new Piece { Start = start, Bytes = (nuint)bytes.Length };
            var message = new Message { Pieces = &piece, PieceCount = 1 };
            if (files.Length > 0)
            {
                const nuint Alignment = sizeof(long) - 1;
                message.Control = control;
                message.ControlBytes = (nuint)control[0] + Alignment & ~Alignment;
            }
            nint sent;
            do
                sent = Send(socket, &message, NoSignal);
            while (sent < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            return (int)sent;
        }
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint Send(int socket, Message* message, int flags);

    // struct iovec and struct msghdr.
    private struct Piece
    {
        public byte* Start;
        public nuint Bytes;
    }

    private struct Message
    {
        public void* Name;
        public nuint NameBytes;
        public Piece* Pieces;
        public nuint PieceCount;
        public void* Control;
        public nuint ControlBytes;
        public nint Flags;
    }
}
