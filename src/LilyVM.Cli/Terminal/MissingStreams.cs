using System.Runtime.InteropServices;

namespace LilyVM.Cli.Terminal;

/// <summary>Standard streams that whoever started us had closed (`&lt;&amp;-` of a shell).</summary>
internal static partial class MissingStreams
{
    private const int Streams = 3, GetFlags = 1, ReadOnly = 0; // F_GETFD, O_RDONLY

    /// <summary>
    /// Puts something in their places, or the next file that is opened, such as a disk, would be taken for them: reading gives the end, writing fails as
    /// it would have. To be called before any file is opened.
    /// </summary>
    internal static void Fill()
    {
        for (int stream = 0; stream < Streams; stream++)
        {
            if (Control(stream, GetFlags) < 0)
                _ = Open("/dev/null", ReadOnly); // gets the lowest free number, which is this one
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int file, int command);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string name, int flags);
}
