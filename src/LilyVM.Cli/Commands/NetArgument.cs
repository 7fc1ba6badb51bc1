using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace LilyVM.Cli.Commands;

/// <summary>
/// The value of --net: none, user, socket or vhost-user, then settings with commas between them. QEMU's id= and model= are taken and mean
/// nothing, as there is one kind of card, which belongs to its network.
/// </summary>
internal static class NetArgument
{
    /// <summary>The usual value.</summary>
    internal const string None = "none";

    private const string User = "user", Socket = "socket", VhostUser = "vhost-user", Forward = "hostfwd", Example = "hostfwd=tcp::8080-:80";

    /// <summary>Reads the value; no networks for none.</summary>
    /// <exception cref="LilyVMException">It is not understood; the message says why.</exception>
    internal static IReadOnlyList<NetworkOptions> Parse(string text)
    {
        string[] parts = text.Split(',');
        string[][] settings = [.. parts.Skip(1).Select(p => p.Split('=', 2))];
        if (settings.FirstOrDefault(s => s.Length < 2 || s[1].Length == 0) is { } bare)
            throw new LilyVMException($"'{bare[0]}' in --net has no value; write {bare[0]}=VALUE.");
        return parts[0] switch
        {
            None when settings.Length == 0 => [],
            None => throw new LilyVMException($"--net {None} has no settings; leave out '{parts[1]}'."),
            User => [settings.Aggregate(new UserNetwork(), (n, s) => s[0] == Forward
                ? n with { Forwards = [.. n.Forwards, ParseForward(s[1])] } : Common(n, s, $"{Forward}, "))],
            Socket => [Required(settings.Aggregate(new SocketNetwork(""), (n, s) => s[0] == "path" ? new SocketNetwork(s[1])
                { Address = n.Address, Mtu = n.Mtu } : Common(n, s, "path, ")))],
            VhostUser => [Required(settings.Aggregate(new VhostUserNetwork(""), (n, s) => s[0] == "socket" ? new VhostUserNetwork(s[1])
                { Address = n.Address, Mtu = n.Mtu } : Common(n, s, "socket, ")))],
            _ => throw new LilyVMException(
                $"'{parts[0]}' is no network; give {None}, {User}, {Socket},path=PATH or {VhostUser},socket=PATH."),
        };
    }

    private static SocketNetwork Required(SocketNetwork network) => network.Path.Length > 0
        ? network
        : throw new LilyVMException($"--net {Socket} names no socket; write {Socket},path=PATH.");

    private static VhostUserNetwork Required(VhostUserNetwork network) => network.Path.Length > 0
        ? network
        : throw new LilyVMException($"--net {VhostUser} names no socket; write {VhostUser},socket=PATH.");

    private static T Common<T>(T network, string[] setting, string others)
        where T : NetworkOptions => setting[0] switch
        {
            "mac" => network with { Address = ParseAddress(setting[1]) },
            "mtu" => network with { Mtu = ParseNumber(setting[1], "mtu") },
            "id" => network,
            "model" when setting[1].StartsWith("virtio", StringComparison.Ordinal) => network,
            "model" => throw new LilyVMException($"There is no network card '{setting[1]}'; cards are virtio-net, so leave out model."),
            _ => throw new LilyVMException($"'{setting[0]}' in --net is not understood; there are {others}mac and mtu."),
        };

    private static PhysicalAddress ParseAddress(string text) => PhysicalAddress.TryParse(text, out PhysicalAddress? address)
        ? address
        : throw new LilyVMException($"'{text}' is no MAC address; write it as 52:54:00:12:34:57.");

    private static int ParseNumber(string text, string name) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new LilyVMException($"'{text}' in --net is no number; write {name}=NUMBER.");

    /// <summary>Reads <c>[tcp|udp]:[ADDRESS]:PORT-[ADDRESS]:PORT</c>; an IPv6 address stands in brackets.</summary>
    private static PortForward ParseForward(string text)
    {
        int protocolEnd = text.IndexOf(':'), border = text.LastIndexOf('-');
        if (protocolEnd < 0 || border < protocolEnd)
            throw NoForward(text);
        PortProtocol protocol = text[..protocolEnd] switch
        {
            "" or "tcp" => PortProtocol.Tcp,
            "udp" => PortProtocol.Udp,
            _ => throw new LilyVMException($"'{text[..protocolEnd]}' in {Forward} is neither tcp nor udp."),
        };
        (IPAddress? host, int hostPort) = ParseEnd(text, text[(protocolEnd + 1)..border], least: 0);
        (IPAddress? guest, int guestPort) = ParseEnd(text, text[(border + 1)..], least: 1);
        return guest is null || guest.Equals(UserNetwork.GuestAddress)
            ? new PortForward(protocol, host, hostPort, guestPort)
            : throw new LilyVMException($"The guest's address is {UserNetwork.GuestAddress}, not {guest}; leave it out of {Forward}.");
    }

    private static (IPAddress? Address, int Port) ParseEnd(string whole, string end, int least)
    {
        int colon = end.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(end[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            || port < least)
            throw NoForward(whole);
        string name = end[..colon].Trim('[', ']');
        if (name.Length == 0)
            return (null, port);
        bool isAddress = IPAddress.TryParse(name, out IPAddress? address)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || name.Count(c => c == '.') == 3);
        return isAddress ? (address, port) : throw new LilyVMException($"'{name}' in {Forward} is no address of the host's.");
    }

    private static LilyVMException NoForward(string text) =>
        new($"'{text}' is no forwarded port; write it as {Example}, the host's port first.");
}
