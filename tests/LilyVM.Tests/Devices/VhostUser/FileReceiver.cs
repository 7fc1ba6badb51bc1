using System.Runtime.InteropServices;

namespace LilyVM.Tests.Devices.VhostUser;

/// <summary>Takes bytes with open files from a Unix socket (unix(7), SCM_RIGHTS).</summary>
internal static unsafe partial class FileReceiver
{
    private const int HeaderBytes = 16, MostFiles = 8; // struct cmsghdr

    /// <summary>Waits for some; how many came, 0 at the end.</summary>
    internal static int Receive(int socket, Span<byte> bytes, List<int> files)
    {
        long* control = stackalloc long[(HeaderBytes + MostFiles * sizeof(int)) / sizeof(long)];
        fixed (byte* start = bytes)
        {
            nint* piece = stackalloc nint[] { (nint)start, bytes.Length };
            nint* message = stackalloc nint[] { 0, 0, (nint)piece, 1, (nint)control, HeaderBytes + MostFiles * sizeof(int), 0 };
            int count = (int)Receive(socket, message, 0);
            if (count > 0 && message[5] >= HeaderBytes)
                files.AddRange(new Span<int>(control + 2, (int)(control[0] - HeaderBytes) / sizeof(int)));
            return Math.Max(count, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "recvmsg")]
    private static partial nint Receive(int socket, nint* message, int flags);
}
