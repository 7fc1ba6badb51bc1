namespace LilyVM.Cli.Guests;

/// <summary>An archive of Debian packages.</summary>
/// <param name="Uri">Where it is.</param>
/// <param name="Suite">The suite wanted from it.</param>
internal sealed record DebianArchive(string Uri, string Suite)
{
    private const string Keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

    private static readonly string[] OtherIndexes = ["Translations", "DEP-11", "Contents-deb"];

    /// <summary>As apt and mmdebstrap take it.</summary>
    internal string Line => $"deb {Uri} {Suite} main";

    /// <summary>
    /// Asks the archive by apt, with the machine's proxies and all, whether it has the suite: seconds, where
    /// a build would find out after minutes. Returns why not, or null.
    /// </summary>
    /// <param name="work">A folder for apt's files, at a plain path.</param>
    /// <param name="withPackages">Whether to read its index of packages too, which some mirrors have half of;
    /// megabytes for a whole release.</param>
    internal string? FindProblem(string work, bool withPackages)
    {
        string signed = File.Exists(Keyring) ? $" signed-by={Keyring}" : "";
        IEnumerable<string> unread = withPackages ? OtherIndexes : [.. OtherIndexes, "Packages"];
        string lists = Path.Combine(work, "lists"), sources = Path.Combine(work, "sources.list");
        Directory.CreateDirectory(Path.Combine(lists, "partial"));
        File.WriteAllText(sources, $"deb [arch=i386{signed}] {Uri} {Suite} main\n");
        try
        {
            new Tool("apt-get", "apt") { Directory = work }.Run(
                $"{Uri} does not give {Suite}",
                [
                    "update", "-qq", "-o", $"Dir::Etc::SourceList={sources}", "-o", "Dir::Etc::SourceParts=/dev/null",
                    "-o", $"Dir::State::Lists={lists}",
                    "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=", "-o", "APT::Update::Error-Mode=any",
                    "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20",
                    .. unread.SelectMany(index => (string[])["-o", $"Acquire::IndexTargets::deb::{index}::DefaultEnabled=false"]),
                ]);
            return null;
        }
        catch (LilyVMException e)
        {
            return e.Message.TrimEnd('.');
        }
    }
}
