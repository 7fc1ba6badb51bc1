using System.Globalization;

namespace LilyVM.Networks;

/// <summary>Whether the host reaches more than itself.</summary>
/// <param name="HasIpv4">It has a default route of IPv4.</param>
/// <param name="HasIpv6">It has one of IPv6.</param>
internal sealed record HostRoutes(bool HasIpv4, bool HasIpv6)
{
    // proc_net_route: flag of a route in use (RTF_UP); that of one which refuses (RTF_REJECT, include/uapi/linux/route.h).
    private const int Up = 1, Reject = 0x200;

    /// <summary>What is so now.</summary>
    internal static HostRoutes OfThisHost() => new(
        Lines("/proc/net/route").Any(w => w is [_, "00000000", _, var flags, _, _, _, "00000000", ..] && IsGood(flags)),
        Lines("/proc/net/ipv6_route").Any(w => w is [_, "00", _, _, _, _, _, _, var flags, not "lo"] && w[0].All(c => c == '0')
            && IsGood(flags)));

    private static bool IsGood(string flags) =>
        int.TryParse(flags, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int bits) && (bits & (Up | Reject)) == Up;

    private static IEnumerable<string[]> Lines(string file) => File.Exists(file)
        ? File.ReadLines(file).Select(l => l.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        : [];
}
