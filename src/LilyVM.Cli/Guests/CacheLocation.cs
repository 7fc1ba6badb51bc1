namespace LilyVM.Cli.Guests;

/// <summary>
/// Where the cache of this user lies: as LilyVM's own variable says, else as the XDG Base Directory
/// Specification does.
/// </summary>
internal static class CacheLocation
{
    /// <summary>Names the cache's folder itself.</summary>
    internal const string OwnVariable = "LILYVM_CACHE";

    /// <summary>
    /// Names the folder of all programs' caches. The specification wants an absolute path and others ignored.
    /// </summary>
    internal const string XdgVariable = "XDG_CACHE_HOME";

    private const string HomeVariable = "HOME";

    /// <summary>
    /// The absolute path, which need not be there yet. <paramref name="variable"/> gives environment
    /// variables.
    /// </summary>
    /// <exception cref="LilyVMException">There is no home folder to put it in; nothing is put anywhere
    /// else.</exception>
    internal static string Find(Func<string, string?> variable)
    {
        if (variable(OwnVariable) is { Length: > 0 } own)
            return Path.GetFullPath(own);
        string caches = variable(XdgVariable) is { Length: > 0 } xdg && Path.IsPathRooted(xdg)
            ? xdg
            : Path.Combine(Home(variable(HomeVariable)), ".cache");
        return Path.GetFullPath(Path.Combine(caches, "lilyvm"));
    }

    // Without the variable .NET asks the system's list of users; it does not look whether the folder is there.
    private static string Home(string? named)
    {
        string home = named is { Length: > 0 }
            ? named
            : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        const string Remedy = $"set {OwnVariable} to a folder for prepared guests.";
        if (home.Length == 0)
            throw new LilyVMException($"This user has no home folder for the cache; {Remedy}");
        return Path.IsPathRooted(home) && Directory.Exists(home)
            ? home
            : throw new LilyVMException($"The home folder {home}, where the cache would be, is not a folder; {Remedy}");
    }
}
