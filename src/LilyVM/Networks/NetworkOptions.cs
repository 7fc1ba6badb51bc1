using System.Net;
using System.Net.NetworkInformation;
using LilyVM.Networks;

namespace LilyVM;

/// <summary>
/// A network card of a virtual machine, and what it is connected to; the guest's eth0, eth1 and so on in order. Addresses of cards are
/// 52:54:00:12:34:56 and those after it, as QEMU's, unless <see cref="Address"/> says otherwise.
/// </summary>
public abstract record NetworkOptions
{
    /// <summary>Most bytes in a frame behind its header that there can be: 65,535 with it, in words of 32 bits, as passt's.</summary>
    public const int LargestMtu = 65520;

    /// <summary>Least bytes, with which IPv4 works (RFC 791).</summary>
    public const int SmallestMtu = 68;

    /// <summary>The card's address, of six bytes; null for the usual one.</summary>
    public PhysicalAddress? Address { get; init; }

    /// <summary>
    /// Most bytes in a frame behind its header, <see cref="SmallestMtu"/> to <see cref="LargestMtu"/>; null for what suits the network.
    /// </summary>
    public int? Mtu { get; init; }

    /// <summary>What suits this kind of network.</summary>
    internal abstract int UsualMtu { get; }
}

/// <summary>
/// The host's network, reached without privilege: the Debian program passt makes the guest's connections as its own. The guest is
/// 10.0.2.15, and reaches the host's loopback address at its gateway, 10.0.2.2. Others reach the guest by forwarded ports only.
/// </summary>
public sealed record UserNetwork : NetworkOptions
{
    /// <summary>Ports of the host that lead to the guest.</summary>
    public IReadOnlyList<PortForward> Forwards { get; init; } = [];

    /// <summary>The guest's address.</summary>
    public static IPAddress GuestAddress { get; } = IPAddress.Parse(GuestAddresses.Address);

    /// <summary>The gateway's address, at which the guest reaches the host's loopback address.</summary>
    public static IPAddress GatewayAddress { get; } = IPAddress.Parse(GuestAddresses.Gateway);

    // Few large frames cost less than many small ones; what goes on to the host's network has that one's size.
    internal override int UsualMtu => LargestMtu;
}

/// <summary>
/// Another program that takes Ethernet frames by a stream socket: each behind its length in 32 bits, big-endian, as QEMU's
/// <c>-netdev stream</c> does.
/// </summary>
/// <param name="Path">The unix domain socket at which it listens.</param>
public sealed record SocketNetwork(string Path) : NetworkOptions
{
    internal override int UsualMtu => 1500;
}

/// <summary>A card that another process serves by the vhost-user protocol, such as a software switch.</summary>
/// <param name="Path">The unix domain socket at which it listens.</param>
public sealed record VhostUserNetwork(string Path) : NetworkOptions
{
    internal override int UsualMtu => 1500;
}
