using System.Net.Sockets;
using LilyVM.Memory;

namespace LilyVM.Devices.VhostUser;

/// <summary>Makes devices of back ends that listen on a Unix socket.</summary>
internal static class VhostUserConnector
{
    /// <summary>Refuses options of which no device can be made, before anything is started.</summary>
    internal static void Check(VhostUserOptions options) => _ = Kind(options);

    /// <summary>Connects to the back end.</summary>
    /// <exception cref="LilyVMException">It is not there, or not a back end of such a device.</exception>
    internal static VhostUserDevice Open(VhostUserOptions options, GuestRam ram, Action<string>? tell)
    {
        (VhostUserKind kind, byte[]? configuration) = Kind(options);
        return new VhostUserDevice(
            Connect(options.Socket), $"The vhost-user back end at {options.Socket}", kind, configuration, ram, tell);
    }

    /// <summary>A connection to whatever listens there.</summary>
    /// <exception cref="LilyVMException">Nobody does.</exception>
    internal static Socket Connect(string path)
    {
        try
        {
            return UnixSocket.Connect(path);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new LilyVMException($"No vhost-user back end listens on {path}: {Why(e)}; start the back end first.", e);
        }
    }

    private static (VhostUserKind Kind, byte[]? Configuration) Kind(VhostUserOptions options)
    {
        if (options.Socket.Length == 0)
            throw new LilyVMException("A vhost-user device has no socket; add socket=PATH.");
        var kind = VhostUserKind.Parse(options.Type, options.Queues);
        if (options.Tag is not null && kind != VhostUserKind.FileSystem)
            throw new LilyVMException("Only a vhost-user device of type fs has a tag; leave it out.");
        if (options.Mac is not null && kind != VhostUserKind.Network)
            throw new LilyVMException("Only a vhost-user device of type net has a mac; leave it out.");
        if (kind == VhostUserKind.FileSystem)
            return (kind, VhostUserConfiguration.OfFileSystem(options.Tag));
        return kind == VhostUserKind.Network ? (kind, VhostUserConfiguration.OfNetwork(options.Mac)) : (kind, null);
    }

    private static string Why(Exception e) => e switch
    {
        ArgumentException => "the path of a Unix socket has at most 107 bytes",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "nobody accepts connections there",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "there is no such socket",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "you may not use it",
        _ => e.Message,
    };
}
