namespace LilyVM.Bench.Setup;

/// <summary>
/// Makes a command line that runs a program natively in a tree of i386 files, with process numbers, /proc and /tmp of its own.
/// </summary>
internal static class TreeCommand
{
    /// <summary>The program that makes the namespaces.</summary>
    internal const string Program = "unshare";

    /// <summary>What a system says that lets nobody but root do this.</summary>
    internal const string Refused = "programs cannot be run in the tree of the root file system; run this as root, or allow user namespaces";

    // Arguments: the tree, how many pairs follow, pairs of (what, where in the tree), the command.
    private const string Enter =
        """
        tree=$1 pairs=$2; shift 2
        mount --rbind /dev "$tree/dev" && mount -t devpts -o ptmxmode=666 devpts "$tree/dev/pts" && mount -t tmpfs tmpfs "$tree/tmp" || exit 125
        while [ $pairs -gt 0 ]; do
            mount --bind "$1" "$tree/$2" || exit 125
            shift 2; pairs=$((pairs - 1))
        done
        mount -t proc proc "$tree/proc" || exit 125
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TERM=dumb setarch i686 chroot "$tree" "$@"
        """;

    /// <summary>
    /// The arguments of <see cref="Program"/>; <paramref name="binds"/> are folders of the host that shall show in the tree.
    /// </summary>
    internal static IReadOnlyList<string> Arguments(string tree, IReadOnlyList<(string Host, string InTree)> binds,
        params IEnumerable<string> command)
    {
        string[] root = Environment.IsPrivilegedProcess ? [] : ["--map-root-user"];
        IEnumerable<string> pairs = binds.SelectMany(b => (string[])[b.Host, b.InTree]);
        return ["--mount", "--pid", "--fork", "--kill-child=KILL", .. root, "sh", "-c", Enter, "sh", tree, $"{binds.Count}", .. pairs,
            .. command];
    }
}
