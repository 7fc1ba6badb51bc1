using System.Globalization;
using System.Net;

namespace LilyVM.Cli.Containers;

/// <summary>The value of -p, as docker takes it: [[ADDRESS:]HOST:]GUEST[/tcp|/udp]; without the host's port, one that is free.</summary>
internal static class PublishArgument
{
    /// <summary>Reads it.</summary>
    /// <exception cref="LilyVMException">It is not understood.</exception>
    internal static PortForward Parse(string text)
    {
        string[] halves = text.Split('/', 2);
        PortProtocol? protocol = halves is [_, var name] ? name switch
        {
            "tcp" => PortProtocol.Tcp,
            "udp" => PortProtocol.Udp,
            _ => null,
        } : PortProtocol.Tcp;
        string[] parts = Split(halves[0]);
        IPAddress? address = null;
        bool isGood = protocol is not null && parts.Length <= 3 && (parts.Length < 3 || IPAddress.TryParse(parts[0], out address));
        int guest = Port(parts[^1]), host = parts.Length == 1 || parts[^2].Length == 0 ? 0 : Port(parts[^2]);
        return isGood && guest > 0 && host >= 0
            ? new PortForward(protocol!.Value, address, host, guest)
            : throw new LilyVMException($"'{text}' is no port to publish; write -p HOST:GUEST, -p ADDRESS:HOST:GUEST or -p GUEST.");
    }

    // An IPv6 address stands in brackets.
    private static string[] Split(string text) => text.StartsWith('[') && text.IndexOf("]:", StringComparison.Ordinal) is > 0 and var end
        ? [text[1..end], .. text[(end + 2)..].Split(':')]
        : text.Split(':');

    private static int Port(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? port : -1;
}
