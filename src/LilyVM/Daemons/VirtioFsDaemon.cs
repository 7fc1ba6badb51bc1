using System.Globalization;

namespace LilyVM.Daemons;

/// <summary>
/// virtiofsd, which serves a folder of the host's: its paths in Debian and its options, of the two programs of that name. It runs with this
/// user's rights and confines itself to the folder, which takes rights of root's; others have those in a user namespace of their own, where
/// this user is root, and nobody else is there (user_namespaces(7)).
/// </summary>
internal static class VirtioFsDaemon
{
    // The Debian packages that have it.
    private const string Package = "qemu-system-common (Debian 12) or virtiofsd (Debian 13)";

    // A folder that the guest may not write is mounted over itself, read-only, with all that is mounted below; an option would be the
    // daemon's word only, and the older program has none. findmnt writes odd characters as \xHH, which printf takes.
    private const string ReadOnly = """
        mount --rbind -- "$0" "$0" || exit
        findmnt -nrRo TARGET -- "$0" | while read -r place; do mount -o remount,bind,ro -- "$(printf '%b' "$place")" || exit; done || exit
        exec "$@"
        """;

    private static readonly VirtioFsProgram[] Programs =
    [
        new("/usr/libexec/virtiofsd", "--fd={0}", "--shared-dir={1}", "--sandbox={2}", "--cache=auto", "--log-level=error", "--xattr"),
        new("/usr/lib/qemu/virtiofsd", "--fd={0}", "-o", "source={1}", "-o", "sandbox={2}", "-o", "cache=auto", "-o",
            "log_level=err", "-o", "xattr"),
    ];

    private const string
        Install = $"install the Debian package {Package}",
        Allow = "allow ordinary users user namespaces, which confine it to the folder (sysctl user.max_user_namespaces, " +
            "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns), or be root";

    private static VirtioFsProgram? Program => Programs.FirstOrDefault(p => File.Exists(p.Path));

    // What to do about what keeps folders from being shared, as far as it can be known before.
    private static string? Advice => Program is null ? Install
        : !Environment.IsPrivilegedProcess && !HostRights.HasUserNamespaces() ? Allow
        : null;

    /// <summary>Whether it can be used on this host.</summary>
    internal static HostFinding Finding() => new("virtiofsd, for --share", Advice is null, Advice ?? "") { IsOptional = true };

    /// <summary>How it is started.</summary>
    /// <param name="share">What it serves; checked.</param>
    /// <param name="socket">Number of its listening socket.</param>
    internal static DaemonLine Line(ShareOptions share, int socket)
    {
        if (Advice is { } advice)
            throw new LilyVMException($"Folders cannot be shared by virtiofsd here: {advice}.");
        bool isRoot = Environment.IsPrivilegedProcess, mayMount = !isRoot || HostRights.MayMount();
        if (share.ReadOnly && !mayMount)
            throw new LilyVMException($"{share.Folder} cannot be shared read-only here, since this root may not mount (CAP_SYS_ADMIN).");
        string folder = System.IO.Path.GetFullPath(share.Folder);
        List<string> before = [];
        if (!isRoot || share.ReadOnly)
            before.AddRange(["unshare", .. isRoot ? [] : (string[])["--user", "--map-root-user"], "--mount"]);
        if (share.ReadOnly)
            before.AddRange(["sh", "-c", ReadOnly, folder]);
        string sandbox = mayMount ? "namespace" : "chroot";
        return new DaemonLine(
            Program!.Path, [.. Program.Options.Select(o => string.Format(CultureInfo.InvariantCulture, o, socket, folder, sandbox))])
        {
            Before = before,
        };
    }

    /// <summary>One of the programs.</summary>
    /// <param name="Path">Where Debian has it.</param>
    /// <param name="Options">Its options, with places for the socket's number, the folder and the sandbox.</param>
    private sealed record VirtioFsProgram(string Path, params string[] Options);
}
