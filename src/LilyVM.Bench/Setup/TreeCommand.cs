namespace LilyVM.Bench.Setup;

/// <summary>
/// Makes a command line that runs a program natively in the tree of a root file system, with process numbers, /proc and /tmp of its own.
/// </summary>
internal static class TreeCommand
{
    /// <summary>The program that makes the namespaces.</summary>
    internal const string Program = "unshare";

    /// <summary>What a system says that lets nobody but root do this.</summary>
    internal const string Refused = "programs cannot be run in the tree of the root file system; run this as root, or allow user " +
        "namespaces";

    // Arguments: the tree, its personality, how many pairs follow, pairs of (what, where in the tree), the command. The C library reads in
    // /sys which large pages there are.
    private const string Enter =
        """
        tree=$1 personality=$2 pairs=$3; shift 3
        mount --rbind /dev "$tree/dev" && mount -t devpts -o ptmxmode=666 devpts "$tree/dev/pts" &&
            mount --rbind /sys "$tree/sys" && mount -t tmpfs tmpfs "$tree/tmp" || exit 125
        while [ $pairs -gt 0 ]; do
            mount --bind "$1" "$tree/$2" || exit 125
            shift 2; pairs=$((pairs - 1))
        done
        mount -t proc proc "$tree/proc" || exit 125
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TERM=dumb setarch "$personality" chroot "$tree" "$@"
        """;

    /// <summary>
    /// The arguments of <see cref="Program"/>; <paramref name="binds"/> are folders of the host that shall show in the tree.
    /// </summary>
    internal static IReadOnlyList<string> Arguments(BenchSystem system, IReadOnlyList<(string Host, string InTree)> binds,
        params IEnumerable<string> command)
    {
        string[] root = Environment.IsPrivilegedProcess ? [] : ["--map-root-user"];
        IEnumerable<string> pairs = binds.SelectMany(b => (string[])[b.Host, b.InTree]);
        return ["--mount", "--pid", "--fork", "--kill-child=KILL", .. root, "sh", "-c", Enter, "sh", system.Tree,
            system.Target.Personality, $"{binds.Count}", .. pairs, .. command];
    }
}
