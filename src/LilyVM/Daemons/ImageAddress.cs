using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LilyVM.Devices.Disks;

namespace LilyVM.Daemons;

/// <summary>
/// Where an image lies, in the words of qemu-storage-daemon (its protocol drivers): a file or block device, or what a URL names, which QEMU
/// takes for disks as well (qemu(1), "Device URL Syntax"), or <c>json:</c> and those words themselves.
/// </summary>
internal static partial class ImageAddress
{
    private const string Json = "json:";

    private static readonly Dictionary<string, Func<Uri, JsonObject>> Schemes = new()
    {
        ["nbd"] = u => Nbd(u, Inet(u, "inet", 10809), u.AbsolutePath.TrimStart('/')),
        ["nbd+tcp"] = u => Nbd(u, Inet(u, "inet", 10809), u.AbsolutePath.TrimStart('/')),
        ["nbd+unix"] = u => Nbd(u, new JsonObject { ["type"] = "unix", ["path"] = Query(u, "socket") }, u.AbsolutePath.TrimStart('/')),
        ["http"] = Curl,
        ["https"] = Curl,
        ["ftp"] = Curl,
        ["ftps"] = Curl,
        ["ssh"] = Ssh,
        ["nfs"] = u => new JsonObject { ["driver"] = "nfs", ["server"] = Host(u, "inet"), ["path"] = FilePath(u) },
        ["iscsi"] = Iscsi,
    };

    /// <summary>Whether a drive's path is an address of that kind, and not a file's.</summary>
    internal static bool IsAddress(string path) => path.StartsWith(Json, StringComparison.Ordinal) || Url().IsMatch(path);

    /// <summary>The node of a drive's path.</summary>
    /// <exception cref="LilyVMException">It is not understood.</exception>
    internal static JsonObject Node(string path)
    {
        if (!IsAddress(path))
        {
            string driver = ImageFile.IsBlockDevice(path) ? "host_device" : "file";
            return new JsonObject { ["driver"] = driver, ["filename"] = Path.GetFullPath(path) };
        }
        try
        {
            if (path.StartsWith(Json, StringComparison.Ordinal))
                return JsonNode.Parse(path[Json.Length..]) as JsonObject ?? throw new JsonException();
            var url = new Uri(path);
            return Schemes.TryGetValue(url.Scheme, out Func<Uri, JsonObject>? make) ? make(url) : throw new UriFormatException();
        }
        catch (Exception e) when (e is JsonException or UriFormatException)
        {
            string known = string.Join(", ", Schemes.Keys.Select(s => s + "://"));
            throw new LilyVMException($"'{path}' is no address of a disk image; there are {known} and " +
                "json:{...} in QEMU's words.", e);
        }
    }

    private static JsonObject Nbd(Uri url, JsonObject server, string export)
    {
        var node = new JsonObject { ["driver"] = "nbd", ["server"] = server };
        if (export.Length > 0)
            node["export"] = Uri.UnescapeDataString(export);
        return node;
    }

    private static JsonObject Curl(Uri url) => new() { ["driver"] = url.Scheme, ["url"] = url.OriginalString };

    private static JsonObject Ssh(Uri url)
    {
        JsonObject server = Inet(url, null, 22);
        var node = new JsonObject { ["driver"] = "ssh", ["server"] = server, ["path"] = FilePath(url) };
        if (url.UserInfo.Length > 0)
            node["user"] = Uri.UnescapeDataString(url.UserInfo);
        return node;
    }

    // iscsi://HOST[:PORT]/TARGET/LUN
    private static JsonObject Iscsi(Uri url)
    {
        string[] parts = url.AbsolutePath.Trim('/').Split('/');
        if (parts.Length != 2 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int unit))
            throw new UriFormatException();
        return new JsonObject
        {
            ["driver"] = "iscsi",
            ["transport"] = "tcp",
            ["portal"] = url.Authority,
            ["target"] = Uri.UnescapeDataString(parts[0]),
            ["lun"] = unit,
        };
    }

    private static string FilePath(Uri url) => Uri.UnescapeDataString(url.AbsolutePath);

    private static JsonObject Host(Uri url, string? type)
    {
        if (url.Host.Length == 0)
            throw new UriFormatException();
        var host = new JsonObject { ["host"] = url.DnsSafeHost };
        if (type is not null)
            host["type"] = type;
        return host;
    }

    private static JsonObject Inet(Uri url, string? type, int port)
    {
        JsonObject host = Host(url, type);
        host["port"] = (url.Port > 0 ? url.Port : port).ToString(CultureInfo.InvariantCulture);
        return host;
    }

    private static string Query(Uri url, string name) =>
        url.Query.TrimStart('?').Split('&').Select(p => p.Split('=', 2)).FirstOrDefault(p => p.Length == 2 && p[0] == name) is { } pair
            ? Uri.UnescapeDataString(pair[1])
            : throw new UriFormatException();

    [GeneratedRegex("^[a-z][a-z0-9+]+://")]
    private static partial Regex Url();
}
