using System.Text.RegularExpressions;

namespace LilyVM.Cli.Guests;

/// <summary>
/// Where kernels are built. kbuild refuses blanks and colons in the paths of its source and build folders,
/// links resolved, and what it hands to shells is not quoted. So a cache at a path with anything unusual has
/// its kernel sources and build folders elsewhere: in a folder of this user below /var/tmp, the same one each
/// time, so that an interrupted build goes on.
/// </summary>
internal static partial class PlainFolder
{
    private const string Parent = "/var/tmp";

    private const UnixFileMode OnlyOurs = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Whether make and shells take a path as it is.</summary>
    internal static bool IsPlain(string path) => Plain().IsMatch(path);

    /// <summary>
    /// What stands for a cache's folder whose path, links resolved, is not plain; else null. It need not be
    /// there yet.
    /// </summary>
    internal static string? StandInFor(string root)
    {
        string real = Resolve(root);
        if (IsPlain(real))
            return null;
        using var key = new CacheKey();
        string user = new Tool("id", "coreutils").Run("This user cannot be looked up", "-u");
        return Path.Combine(Parent, $"lilyvm-{user}-{key.Add("root", real)}");
    }

    /// <summary>
    /// The path to build at for that cache: its own folder, links resolved, or what stands for it, made. In
    /// /var/tmp anybody may have been there before, and nobody else may have a say in what is compiled.
    /// </summary>
    internal static string Create(string root)
    {
        if (StandInFor(root) is not { } folder)
            return GuestCache.CreateDirectory(Resolve(root));
        GuestCache.CreateDirectory(folder, OnlyOurs);
        return IsOurs(folder)
            ? folder
            : throw new LilyVMException(
                $"{folder}, where kernels would be built, is open to others; set {CacheLocation.OwnVariable} to a folder without blanks " +
                "and colons in its path.");
    }

    /// <summary>
    /// Whether it is a folder, no link to one, that belongs to this user, and that nobody else may enter or
    /// write.
    /// </summary>
    internal static bool IsOurs(string folder) =>
        new DirectoryInfo(folder) is { LinkTarget: null, Exists: true, UnixFileMode: OnlyOurs } &&
        new Tool("test", "coreutils").TryRun("-O", folder).ExitCode == 0;

    private static string Resolve(string path) => new Tool("realpath", "coreutils").Run($"{path} cannot be looked up", "-m", "--", path);

    [GeneratedRegex("^[A-Za-z0-9/._+@-]*$")]
    private static partial Regex Plain();
}
