using System.Runtime.InteropServices;

namespace LilyVM.Cli.Terminal;

/// <summary>Standard streams that whoever started us had closed (`&lt;&amp;-` of a shell).</summary>
internal static partial class MissingStreams
{
    private const int Streams = 3, GetFlags = 1, CloseOnExec = 1, ReadOnly = 0; // F_GETFD, FD_CLOEXEC, O_RDONLY

    private static int taken; // one bit for each

    /// <summary>
    /// Puts something in their places, or the next file that is opened, such as a disk, would be taken for them: reading gives the end,
    /// writing fails as it would have. To be called before any file is opened.
    /// </summary>
    internal static void Fill()
    {
        for (int stream = 0; stream < Streams; stream++)
        {
            int flags = Control(stream, GetFlags);
            if (flags < 0)
                _ = Open("/dev/null", ReadOnly); // gets the lowest free number, which is this one
            else if ((flags & CloseOnExec) != 0)
                taken |= 1 << stream; // .NET opened a file of its own there (/dev/urandom, for one): such a flag does not come from outside
        }
    }

    /// <summary>Whether a file of this program's own lies in the stream's place.</summary>
    internal static bool IsTaken(int stream) => (taken >> stream & 1) != 0;

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int file, int command);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string name, int flags);
}
