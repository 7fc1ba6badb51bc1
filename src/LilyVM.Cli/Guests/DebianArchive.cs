namespace LilyVM.Cli.Guests;

/// <summary>An archive of Debian packages.</summary>
/// <param name="Uri">Where it is.</param>
/// <param name="Suite">The suite wanted from it.</param>
/// <param name="Architecture">The architecture of its packages.</param>
internal sealed record DebianArchive(string Uri, string Suite, string Architecture)
{
    private const string MainUri = "http://deb.debian.org/debian";

    /// <summary>As mmdebstrap takes it.</summary>
    internal string Line => $"deb {Uri} {Suite} main";

    /// <summary>
    /// The archives that this machine's apt has Debian from, in its order, or Debian's own if there is none: who has a mirror means that it
    /// is used.
    /// </summary>
    internal static IReadOnlyList<string> Mirrors()
    {
        (int exitCode, string output, _) = new Tool("apt-get", "apt").TryRun(
            "indextargets", "--format", "$(SITE)", "Created-By: Packages", "Origin: Debian", "Label: Debian");
        List<string> sites = exitCode == 0
            ? [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()] : [];
        return sites.Count > 0 ? sites : [MainUri];
    }

    /// <summary>
    /// Asks the archive by apt, with the machine's proxies and all, whether it has the suite: seconds, where a build would find out after
    /// minutes. Returns why not, or null.
    /// </summary>
    /// <param name="work">A folder for apt's files, at a plain path.</param>
    /// <param name="withPackages">Whether to read its index of packages too, which some mirrors have half of; megabytes for a whole
    /// release.</param>
    internal string? FindProblem(string work, bool withPackages)
    {
        try
        {
            new PrivateApt(this, work).Update(withPackages);
            return null;
        }
        catch (LilyVMException e)
        {
            return e.Message.TrimEnd('.');
        }
    }
}
