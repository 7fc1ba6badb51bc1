using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using LilyVM.Devices.Network;
using LilyVM.Devices.Virtio;
using LilyVM.Native;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Networks;

/// <summary>
/// The program passt(1) as the peer of a guest's network card: a child of ours, on a socket pair whose end ends it. It confines itself
/// (namespaces, seccomp), and needs no privilege.
/// </summary>
internal sealed partial class Passt : IDisposable
{
    /// <summary>The program.</summary>
    internal static readonly HostProgram Program = new("passt", "passt");

    // More than the window of a guest with much memory; it is taken from the host as it is used.
    private const int RoomBytes = 8 << 20;

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    private readonly ServerProcess process;
    private readonly Socket socket;
    private readonly StreamPeer peer;
    private readonly Thread greeter;
    private readonly Action<string> failed;
    private volatile bool isEnding;

    /// <summary>Starts it for a card.</summary>
    /// <param name="network">What it forwards; ports are chosen.</param>
    /// <param name="addresses">What the guest is told.</param>
    /// <param name="card">The guest's card.</param>
    /// <param name="failed">Called on another thread, with a sentence, if it ends before it has begun to serve.</param>
    /// <exception cref="LilyVMException">It is not there, or the host does not start it.</exception>
    internal Passt(UserNetwork network, GuestAddresses addresses, PhysicalAddress card, Action<string> failed)
    {
        this.failed = failed;
        int mtu = network.Mtu ?? network.UsualMtu;
        string path = Program.Require();
        (SafeFileHandle ours, SafeFileHandle its) = InheritedFile.Pair();
        using SafeFileHandle passed = its;
        socket = new Socket(new SafeSocketHandle(ours.DangerousGetHandle(), ownsHandle: true));
        ours.SetHandleAsInvalid(); // the socket owns it now
        GiveRoom(its);
        GiveRoom(socket.SafeHandle);
        try
        {
            process = new ServerProcess(path, Arguments(network, addresses, mtu), its);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        peer = new StreamPeer(socket, Program.Name, () => $"{Program.Name} {process.HowItEnded()}", VirtioNetwork.MaxFrame(mtu));
        greeter = new Thread(() => Greet(card)) { IsBackground = true, Name = "passt greeter" };
        greeter.Start();
    }

    /// <summary>What the guest's card is connected to; the card disposes of it.</summary>
    internal INetworkPeer Peer => peer;

    /// <summary>Process id.</summary>
    internal int Id => process.Id;

    /// <summary>What ends from now on is meant to, and not told.</summary>
    internal void BeginEnd() => isEnding = true;

    /// <summary>Ends it; the card is disposed of before.</summary>
    public void Dispose()
    {
        BeginEnd();
        process.Dispose(); // whose end wakes the greeter
        greeter.Join();
    }

    /// <summary>Its command line.</summary>
    internal static IEnumerable<string> Arguments(UserNetwork network, GuestAddresses addresses, int mtu)
    {
        List<string> words = ["--foreground", "--quiet", "--stderr", "--fd", Number(ServerProcess.FileNumber)];
        // As root it would become nobody, who may not forward ports below 1024.
        if (Environment.IsPrivilegedProcess)
            words.AddRange(["--runas", $"{UserId()}:{GroupId()}"]);
        words.AddRange(["--mtu", Number(mtu), "--mac-addr", Hexadecimal(GuestAddresses.GatewayCard)]);
        words.AddRange(["--address", GuestAddresses.Address, "--netmask", GuestAddresses.Mask, "--gateway", GuestAddresses.Gateway]);
        if (addresses.Routes.HasIpv6)
            words.AddRange(["--address", GuestAddresses.Address6, "--gateway", GuestAddresses.Gateway6]);
        else
            words.Add("--ipv4-only");
        if (addresses.Routes is { HasIpv4: false, HasIpv6: false })
            words.AddRange(["--interface", "lo"]); // a host that reaches itself only
        foreach (IPAddress server in addresses.Servers)
            words.AddRange(["--dns", server.ToString()]);
        if (addresses.Servers.Count == 0)
            words.AddRange(["--dns", "none"]);
        words.AddRange(["--search", addresses.Search.Count == 0 ? "none" : string.Join(' ', addresses.Search)]);
        foreach ((PortProtocol protocol, string option) in ((PortProtocol, string)[])[(PortProtocol.Tcp, "-t"), (PortProtocol.Udp, "-u")])
        {
            // Without "none" it forwards UDP ports of the numbers of TCP ports, too.
            List<string> ports = [.. network.Forwards.Where(f => f.Protocol == protocol).Select(f => f.Specification)];
            words.AddRange((ports.Count == 0 ? ["none"] : ports).SelectMany(p => (string[])[option, p]));
        }
        return words;
    }

    // What the guest says to those on its network: who is at the gateway (RFC 826)? The answer tells us that passt serves; the question
    // tells passt the guest's addresses, so that a forwarded connection finds a guest that has sent nothing yet.
    private void Greet(PhysicalAddress card)
    {
        byte[] frame = ArpRequest(card);
        try
        {
            socket.Send(frame);
            do
            {
                socket.Poll(Timeout.InfiniteTimeSpan, SelectMode.SelectRead);
                if (socket.Available > 0 || peer.HasReceived || isEnding)
                    return;
            }
            while (!process.HasEndedWithin(LookAgain)); // the guest's card may be reading at this moment
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended.
        }
        if (!isEnding)
            failed($"The network cannot be started: {Program.Name} {process.HowItEnded()}.");
    }

    // passt sends what a guest's TCP window takes at once, and what finds no room is lost: after that a connection runs at a hundredth of
    // its speed. Without privilege the host's limit (sysctl net.core.wmem_max) holds.
    private static void GiveRoom(SafeHandle end)
    {
        const int SocketLevel = 1, SendBuffer = 7, SendBufferForced = 32; // SOL_SOCKET, SO_SNDBUF, SO_SNDBUFFORCE
        int bytes = RoomBytes;
        if (SetOption(end, SocketLevel, SendBufferForced, in bytes, sizeof(int)) != 0)
            _ = SetOption(end, SocketLevel, SendBuffer, in bytes, sizeof(int));
    }

    private static byte[] ArpRequest(PhysicalAddress card)
    {
        byte[] mine = card.GetAddressBytes();
        return
        [
            0, 0, 0, 42, // the frame's length
            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, .. mine, 8, 6, // to all, ARP
            0, 1, 8, 0, 6, 4, 0, 1, // Ethernet, IPv4, lengths of their addresses, a request
            .. mine, .. IPAddress.Parse(GuestAddresses.Address).GetAddressBytes(),
            0, 0, 0, 0, 0, 0, .. IPAddress.Parse(GuestAddresses.Gateway).GetAddressBytes(),
        ];
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Hexadecimal(PhysicalAddress address) => string.Join(':', address.GetAddressBytes().Select(b => b.ToString("x2",
        CultureInfo.InvariantCulture)));

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    private static partial int SetOption(SafeHandle socket, int level, int option, in int value, int bytes);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint UserId();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GroupId();
}
