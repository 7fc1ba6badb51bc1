using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LilyVM;

/// <summary>What a forwarded port takes.</summary>
public enum PortProtocol
{
    /// <summary>Connections.</summary>
    Tcp,

    /// <summary>Datagrams.</summary>
    Udp,
}

/// <summary>A port of the host that leads to one of the guest.</summary>
/// <param name="Protocol">What it takes.</param>
/// <param name="HostAddress">The host's address; null for all that it has.</param>
/// <param name="HostPort">The host's port, 1 to 65535; 0 for one that is free (<see cref="VirtualMachine.ForwardedPorts"/>).</param>
/// <param name="GuestPort">The guest's port, 1 to 65535.</param>
public sealed record PortForward(PortProtocol Protocol, IPAddress? HostAddress, int HostPort, int GuestPort)
{
    /// <summary>The TCP port of the guest, at a free port of the host's loopback address.</summary>
    public static PortForward ToLoopback(int guestPort) => new(PortProtocol.Tcp, IPAddress.Loopback, 0, guestPort);

    /// <summary>How passt(1) takes it.</summary>
    internal string Specification => string.Create(
        CultureInfo.InvariantCulture, $"{(HostAddress is null ? "" : HostAddress + "/")}{HostPort}:{GuestPort}");

    /// <summary>The same at a port that is free now, where that was left open.</summary>
    /// <exception cref="LilyVMException">The host does not give the port; the message says why.</exception>
    internal PortForward Choose()
    {
        if (HostPort is < 0 or > ushort.MaxValue || GuestPort is < 1 or > ushort.MaxValue)
            throw new LilyVMException($"Ports are numbers from 1 to 65535, and the host's may be 0; {HostPort} to {GuestPort} is not.");
        // The other family's port of that number may be taken; whoever forwards says so.
        IPAddress address = HostAddress ?? IPAddress.Any;
        bool isTcp = Protocol == PortProtocol.Tcp;
        using var socket = new Socket(
            address.AddressFamily, isTcp ? SocketType.Stream : SocketType.Dgram, isTcp ? ProtocolType.Tcp : ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(address, HostPort));
            if (isTcp)
                socket.Listen(1);
            return this with { HostPort = ((IPEndPoint)socket.LocalEndPoint!).Port };
        }
        catch (SocketException e)
        {
            throw new LilyVMException(Refusal(e.SocketErrorCode), e);
        }
    }

    private string Refusal(SocketError error)
    {
        string port = $"{(Protocol == PortProtocol.Tcp ? "TCP" : "UDP")} port {HostPort.ToString(CultureInfo.InvariantCulture)}";
        return error switch
        {
            SocketError.AddressAlreadyInUse => $"The {port} of the host is taken; forward another one.",
            SocketError.AccessDenied => $"The {port} of the host is privileged; forward one from 1024 on, or set the sysctl " +
                "net.ipv4.ip_unprivileged_port_start.",
            SocketError.AddressNotAvailable => $"The host has no address {HostAddress} to forward the {port} from; name one of its own.",
            _ => $"The {port} of the host cannot be forwarded: {new SocketException((int)error).Message.TrimEnd('.')}.",
        };
    }
}
