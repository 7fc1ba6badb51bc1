using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;

namespace LilyVM.Networks;

/// <summary>
/// What a guest on the host's network is told: its own addresses, those of QEMU's user network, and who answers it questions of names. The
/// same goes to passt and to the guest, which need not ask.
/// </summary>
/// <param name="Servers">Name servers, as the guest reaches them.</param>
/// <param name="Search">Domains in which names are looked up.</param>
/// <param name="Routes">Where the host's own routes lead.</param>
internal sealed record GuestAddresses(IReadOnlyList<IPAddress> Servers, IReadOnlyList<string> Search, HostRoutes Routes)
{
    internal const string Address = "10.0.2.15", Gateway = "10.0.2.2", Mask = "255.255.255.0";
    internal const int PrefixLength6 = 64;

    // A prefix that is nobody else's (RFC 4193): "LILY".
    internal const string Address6 = "fd4c:494c:5900::15", Gateway6 = "fd4c:494c:5900::2";

    /// <summary>The name that the guest has, and knows itself by.</summary>
    internal const string HostName = "lilyvm-guest";

    /// <summary>The gateway's MAC address, as QEMU's.</summary>
    internal static readonly PhysicalAddress GatewayCard = new([0x52, 0x55, 10, 0, 2, 2]);

    private const string ResolverFile = "/etc/resolv.conf", SystemdFile = "/run/systemd/resolve/resolv.conf";

    /// <summary>What holds on this host now.</summary>
    internal static GuestAddresses OfThisHost() => Of(ReadLines(ResolverFile), ReadLines(SystemdFile), HostRoutes.OfThisHost());

    /// <summary>What holds on a host with such files.</summary>
    /// <param name="resolver">The lines of resolv.conf(5).</param>
    /// <param name="systemd">
    /// Those of the servers that systemd-resolved asks; empty without it. The guest asks them itself, as containers do: it cannot reach
    /// 127.0.0.53.
    /// </param>
    /// <param name="routes">The host's routes.</param>
    internal static GuestAddresses Of(IReadOnlyList<string> resolver, IReadOnlyList<string> systemd, HostRoutes routes)
    {
        List<IPAddress> servers = ServersIn(resolver);
        if (servers.All(IPAddress.IsLoopback) && ServersIn(systemd) is { Count: > 0 } behind)
            servers = behind;
        // Another server of the host's loopback address is reached through the gateway.
        IEnumerable<IPAddress> reached = servers.Select(s => IPAddress.IsLoopback(s) ? IPAddress.Parse(Gateway) : s)
            .Where(s => s.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork || routes.HasIpv6);
        List<string> search = [.. Words(resolver, "search").Concat(Words(resolver, "domain"))];
        return new GuestAddresses([.. reached.Distinct()], search, routes);
    }

    /// <summary>
    /// Kernel options for the guest (Linux: Documentation/admin-guide/nfs/nfsroot.rst) and for the prepared one's init
    /// (guests/linux/README.md).
    /// </summary>
    /// <param name="card">Its name of the network card.</param>
    internal string KernelOptions(string card)
    {
        // The link is up from the start, unless passt has failed: then Linux would wait for two minutes.
        List<string> options = ["carrier_timeout=1", $"ip={Address}::{Gateway}:{Mask}:{HostName}:{card}:off"];
        if (Servers.Count > 0)
            options.Add($"lilyvm.dns={string.Join(',', Servers)}");
        if (Search.Count > 0)
            options.Add($"lilyvm.search={string.Join(',', Search)}");
        if (Routes.HasIpv6)
            options.Add(string.Create(CultureInfo.InvariantCulture, $"lilyvm.ip6={Address6}/{PrefixLength6},{Gateway6},{card}"));
        return string.Join(' ', options);
    }

    /// <summary>The guest's resolv.conf.</summary>
    internal string ResolverText() => string.Concat(Servers.Select(s => $"nameserver {s}\n"))
        + (Search.Count > 0 ? $"search {string.Join(' ', Search)}\n" : "");

    private static List<IPAddress> ServersIn(IEnumerable<string> lines) =>
        [.. Words(lines, "nameserver").Select(w => IPAddress.TryParse(w, out IPAddress? address) ? address : null)
            .OfType<IPAddress>()];

    // The last line of a name counts, but for servers, of which each has its own.
    private static IEnumerable<string> Words(IEnumerable<string> lines, string name)
    {
        char[] blanks = [' ', '\t'];
        List<string[]> found = [.. lines.Select(l => l.Split(blanks, StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > 1 && words[0] == name)];
        return name == "nameserver" ? found.Select(words => words[1]) : found.LastOrDefault()?.Skip(1) ?? [];
    }

    private static string[] ReadLines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
