using System.Globalization;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using LilyVM.Devices.Network;
using LilyVM.Devices.VhostUser;
using LilyVM.Devices.Virtio;
using LilyVM.Memory;

namespace LilyVM.Networks;

/// <summary>The network cards of a machine and what they are connected to.</summary>
internal sealed class NetworkCards : IDisposable
{
    private readonly MachineOptions options;
    private readonly List<VirtioNetwork> cards = [];
    private readonly List<Func<GuestRam, VirtioDevice>> makers = [];
    private Passt? passt;

    /// <summary>Connects them.</summary>
    /// <param name="options">The machine's.</param>
    /// <param name="failed">Called on another thread, with a sentence, if a network turns out not to be there.</param>
    /// <exception cref="LilyVMException">One cannot be connected; the message says why.</exception>
    internal NetworkCards(MachineOptions options, Action<string> failed)
    {
        this.options = options;
        try
        {
            foreach (NetworkOptions network in options.Networks)
                Add(network, network.Address ?? UsualAddress(makers.Count), failed);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What a Linux guest is told on its command line; empty if nothing.</summary>
    internal string KernelOptions { get; private set; } = "";

    /// <summary>The forwarded ports, with the numbers that were chosen.</summary>
    internal IReadOnlyList<PortForward> Forwards { get; private set; } = [];

    /// <summary>Makes the cards, each of which its caller disposes of.</summary>
    internal IEnumerable<Func<VirtioDevice>> Makers(GuestRam ram) => makers.Select<Func<GuestRam, VirtioDevice>, Func<VirtioDevice>>(
        make => () => make(ram));

    /// <summary>What ends from now on is meant to.</summary>
    internal void BeginEnd() => passt?.BeginEnd();

    /// <summary>Ends what the cards are connected to, when they are disposed of.</summary>
    public void Dispose()
    {
        BeginEnd();
        cards.ForEach(c => c.Dispose());
        passt?.Dispose();
    }

    private static PhysicalAddress UsualAddress(int card) => new([0x52, 0x54, 0, 0x12, 0x34, (byte)(0x56 + card)]);

    private void Add(NetworkOptions network, PhysicalAddress address, Action<string> failed)
    {
        if (network is VhostUserNetwork { Path: var path })
        {
            string mac = string.Join(':', address.GetAddressBytes().Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
            makers.Add(ram => VhostUserConnector.Open(new VhostUserOptions(path, "net") { Mac = mac }, ram, options.Warning));
            return;
        }
        int mtu = network.Mtu ?? network.UsualMtu;
        var card = new VirtioNetwork(Connect(network, address, mtu, failed), address.GetAddressBytes(), (ushort)mtu, options.Warning);
        cards.Add(card);
        makers.Add(_ =>
        {
            cards.Remove(card);
            return card;
        });
    }

    private INetworkPeer Connect(NetworkOptions network, PhysicalAddress address, int mtu, Action<string> failed)
    {
        if (network is SocketNetwork { Path: var path })
            return new StreamPeer(ConnectTo(path), path, () => $"{path} has ended", VirtioNetwork.MaxFrame(mtu));
        var user = (UserNetwork)network;
        Forwards = [.. user.Forwards.Select(f => f.Choose())];
        var told = GuestAddresses.OfThisHost();
        KernelOptions = told.KernelOptions(string.Create(CultureInfo.InvariantCulture, $"eth{makers.Count}"));
        passt = new Passt(user with { Forwards = Forwards }, told, address, failed);
        return passt.Peer;
    }

    private static Socket ConnectTo(string path)
    {
        try
        {
            return UnixSocket.Connect(path);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            string why = e switch
            {
                SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "nobody listens there",
                SocketException { SocketErrorCode: SocketError.AccessDenied } => "permission denied",
                ArgumentException => "the path is too long for a socket",
                _ when !File.Exists(path) => "there is no such file",
                _ => "it is no stream socket at which anybody listens",
            };
            throw new LilyVMException($"Cannot connect the network card to {path}: {why}.", e);
        }
    }
}
