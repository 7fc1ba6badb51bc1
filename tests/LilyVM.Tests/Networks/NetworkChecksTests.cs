using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using LilyVM.Tests.Machine;

namespace LilyVM.Tests.Networks;

/// <summary>Networks that cannot be are refused when the machine is made, and nothing is left of it.</summary>
public sealed class NetworkChecksTests : MachineFixtureTest
{
    [Fact]
    public void A_port_that_is_taken_is_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Assert.Equal($"The TCP port {port} of the host is taken; forward another one.", Refusal(Forward(IPAddress.Loopback, port)));
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        int udpPort = ((IPEndPoint)udp.Client.LocalEndPoint!).Port;
        Assert.Equal($"The UDP port {udpPort} of the host is taken; forward another one.",
            Refusal(Forward(IPAddress.Loopback, udpPort, PortProtocol.Udp)));
    }

    [Fact]
    public void So_are_addresses_that_are_not_the_host_s_and_numbers_that_are_no_ports()
    {
        Assert.Equal("The host has no address 192.0.2.77 to forward the TCP port 8080 from; name one of its own.",
            Refusal(Forward(IPAddress.Parse("192.0.2.77"), 8080)));
        Assert.Equal("Ports are numbers from 1 to 65535, and the host's may be 0; 65536 to 80 is not.", Refusal(Forward(null, 65536)));
        Assert.Equal("Ports are numbers from 1 to 65535, and the host's may be 0; 8080 to 0 is not.",
            Refusal(new UserNetwork { Forwards = [new(PortProtocol.Tcp, null, 8080, 0)] }));
        PortForward twice = new(PortProtocol.Tcp, IPAddress.Loopback, PortForward.ToLoopback(1).Choose().HostPort, 80);
        Assert.Equal($"The host's port {twice.HostPort} is forwarded twice; forward it once.",
            Refusal(new UserNetwork { Forwards = [twice, twice with { GuestPort = 81 }] }));
    }

    [Fact]
    public void So_are_cards_that_cannot_be()
    {
        Assert.Equal("The host's network is given twice; a machine has it once.", Refusal(new UserNetwork(), new UserNetwork()));
        Assert.Equal("An MTU of 67 cannot be; give 68 to 65520.", Refusal(new SocketNetwork("/none") { Mtu = 67 }));
        Assert.Equal("An MTU of 65521 cannot be; give 68 to 65520.", Refusal(new UserNetwork { Mtu = 65521 }));
        Assert.Equal("No card has the MAC address 010000000001; give one of six bytes, the first of them even.",
            Refusal(new UserNetwork { Address = PhysicalAddress.Parse("01-00-00-00-00-01") }));
    }

    [Fact]
    public void So_are_sockets_where_nobody_listens()
    {
        const string Cannot = "Cannot connect the network card to ";
        Assert.Equal($"{Cannot}/none: there is no such file.", Refusal(new SocketNetwork("/none")));
        string file = Fixture.Write("file", []);
        Assert.Equal($"{Cannot}{file}: nobody listens there.", Refusal(new SocketNetwork(file)));
        string longPath = "/" + new string('x', 200);
        Assert.Equal($"{Cannot}{longPath}: the path is too long for a socket.", Refusal(new SocketNetwork(longPath)));
        Assert.Null(Fixture.Engine); // it was never made
    }

    private static UserNetwork Forward(IPAddress? address, int port, PortProtocol protocol = PortProtocol.Tcp) =>
        new() { Forwards = [new(protocol, address, port, 80)] };

    private string Refusal(params NetworkOptions[] networks) => Assert.Throws<LilyVMException>(
        () => new VirtualMachine(Fixture.Options(_ => []) with { Networks = networks })).Message;
}
