using System.Net.Sockets;

namespace LilyVM;

/// <summary>Connections to programs of the host's that listen on a Unix socket.</summary>
internal static class UnixSocket
{
    /// <summary>Connects to who listens there.</summary>
    /// <exception cref="SocketException">Nobody does.</exception>
    /// <exception cref="ArgumentException">The path is too long for a socket.</exception>
    internal static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
