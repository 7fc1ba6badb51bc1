using System.Globalization;
using System.Net.Sockets;
using LilyVM.Devices.VhostUser;
using LilyVM.Engines.User;
using LilyVM.Native;

namespace LilyVM.Daemons;

/// <summary>
/// A listening socket for a daemon that accepts one connection, which has been made already: the daemon finds it waiting. The socket had a
/// name for an instant only, in a folder of this user's alone, so nobody else can ever connect, and nothing is left.
/// </summary>
internal sealed class DaemonSocket : IDisposable
{
    private const int OpenFolder = 0x9_0000; // O_RDONLY | O_DIRECTORY | O_CLOEXEC

    /// <summary>Makes it.</summary>
    internal DaemonSocket()
    {
        DirectoryInfo folder = TemporaryFolder.Create("lilyvm-");
        int opened = HostCalls.Open(folder.FullName, OpenFolder);
        // By the folder's descriptor the path is short enough for a socket's name, wherever the folder lies.
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{opened}/socket");
        try
        {
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(1);
            Connection = VhostUserConnector.Connect(path);
            Listening = InheritedFile.CopyOf((int)listener.Handle);
        }
        finally
        {
            _ = HostCalls.Close(opened); // not before the listener's end, which removes its name
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Our end of the connection. Whoever takes it owns it.</summary>
    internal Socket Connection { get; }

    /// <summary>The daemon's, to be disposed of when it has started.</summary>
    internal InheritedFile Listening { get; }

    /// <inheritdoc/>
    public void Dispose() => Listening.Dispose();
}
