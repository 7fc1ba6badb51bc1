using LilyVM.Devices.VhostUser;
using LilyVM.Memory;

namespace LilyVM.Daemons;

/// <summary>Makes a device whose back end is a daemon of its own.</summary>
internal static class DaemonDevice
{
    /// <summary>Starts the daemon and agrees with it on the device, which owns it then.</summary>
    /// <param name="name">What it is called at the beginning of a sentence.</param>
    /// <param name="line">How it is started, given the number of its listening socket.</param>
    /// <param name="kind">The type of device.</param>
    /// <param name="configuration">The configuration space if it is not the daemon's to tell.</param>
    /// <param name="ram">Guest RAM.</param>
    /// <param name="tell">Called once with a sentence about the daemon's end; on another thread.</param>
    internal static VhostUserDevice Open(
        string name, Func<int, DaemonLine> line, VhostUserKind kind, byte[]? configuration, GuestRam ram, Action<string>? tell)
    {
        using var socket = new DaemonSocket();
        Daemon daemon;
        try
        {
            daemon = new Daemon(line(socket.Listening.Number));
        }
        catch
        {
            socket.Connection.Dispose();
            throw;
        }
        socket.Dispose(); // so that its end is the connection's
        try
        {
            return new VhostUserDevice(socket.Connection, name, kind, configuration, ram, tell) { Daemon = daemon };
        }
        catch (LilyVMException e)
        {
            string? words = daemon.LastWords();
            daemon.Dispose();
            throw words is null ? e : new LilyVMException($"{name} does not work: {words}.", e);
        }
    }
}
