using System.Net;
using LilyVM.Networks;

namespace LilyVM.Tests.Networks;

/// <summary>What a guest is told of the host's network, and passt the same.</summary>
public sealed class GuestAddressesTests
{
    private static readonly HostRoutes Both = new(true, true), Ipv4 = new(true, false), Nothing = new(false, false);

    [Fact]
    public void Name_servers_are_the_host_s()
    {
        GuestAddresses told = GuestAddresses.Of(
            [
                "# made by hand", "nameserver 192.0.2.1", "nameserver\t2001:db8::1", "nameserver nonsense", "nameserver", "search old",
                "search a.example b.example",
            ],
            [], Both);
        Assert.Equal([IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")], told.Servers);
        Assert.Equal(["a.example", "b.example"], told.Search);
        Assert.Equal(
            "carrier_timeout=1 ip=10.0.2.15::10.0.2.2:255.255.255.0:lilyvm-guest:eth1:off lilyvm.dns=192.0.2.1,2001:db8::1 "
            + "lilyvm.search=a.example,b.example lilyvm.ip6=fd4c:494c:5900::15/64,fd4c:494c:5900::2,eth1",
            told.KernelOptions("eth1"));
    }

    [Fact]
    public void Without_IPv6_routes_the_guest_has_none_and_no_such_server() => Assert.Equal(
        "carrier_timeout=1 ip=10.0.2.15::10.0.2.2:255.255.255.0:lilyvm-guest:eth0:off lilyvm.dns=192.0.2.1",
        GuestAddresses.Of(["nameserver 2001:db8::1", "nameserver 192.0.2.1"], [], Ipv4).KernelOptions("eth0"));

    [Theory]
    [InlineData("192.0.2.9", "192.0.2.9")] // systemd-resolved: those that it asks
    [InlineData(null, "10.0.2.2")] // another one on the host: through the gateway
    public void Servers_of_the_host_s_loopback_address_are_reached_otherwise(string? behind, string expected) => Assert.Equal(
        [IPAddress.Parse(expected)],
        GuestAddresses.Of(["nameserver 127.0.0.53", "nameserver 127.0.0.1"], behind is null ? [] : ["nameserver " + behind], Ipv4).Servers);

    [Fact]
    public void Passt_is_told_the_same()
    {
        var network = new UserNetwork
        {
            Forwards =
            [
                new(PortProtocol.Tcp, null, 8080, 80), new(PortProtocol.Tcp, IPAddress.Parse("::1"), 8081, 81),
                new(PortProtocol.Udp, IPAddress.Loopback, 53, 5353),
            ],
        };
        string words = string.Join(' ', Passt.Arguments(network, GuestAddresses.Of(["nameserver 192.0.2.1", "search x y"], [], Both),
            65520));
        Assert.StartsWith("--foreground --quiet --stderr --fd 3 ", words, StringComparison.Ordinal);
        Assert.Equal(Environment.IsPrivilegedProcess, words.Contains(" --runas 0:0 ", StringComparison.Ordinal));
        Assert.EndsWith(
            " --mtu 65520 --mac-addr 52:55:0a:00:02:02 --address 10.0.2.15 --netmask 255.255.255.0 --gateway 10.0.2.2 "
            + "--address fd4c:494c:5900::15 --gateway fd4c:494c:5900::2 --dns 192.0.2.1 --search x y "
            + "-t 8080:80 -t ::1/8081:81 -u 127.0.0.1/53:5353",
            words, StringComparison.Ordinal);
        Assert.EndsWith(
            " --gateway 10.0.2.2 --ipv4-only --interface lo --dns none --search none -t none -u none",
            string.Join(' ', Passt.Arguments(new UserNetwork(), GuestAddresses.Of([], [], Nothing), 1500)), StringComparison.Ordinal);
    }
}
