namespace LilyVM.Cli.Guests;

/// <summary>
/// apt with an archive, state and cache of its own, so that nothing of the machine's apt is read, changed or waited for; its proxies and
/// other network settings hold. Signatures are checked by Debian's keys.
/// </summary>
/// <param name="archive">The one archive.</param>
/// <param name="folder">A folder for apt's files.</param>
internal sealed class PrivateApt(DebianArchive archive, string folder)
{
    /// <summary>Debian's keys, if the machine has them apart from apt's own.</summary>
    internal const string Keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

    private static readonly string[] OtherIndexes = ["Translations", "DEP-11", "Contents-deb"];

    private string Lists => Path.Combine(folder, "lists");

    /// <summary>
    /// Reads the archive's indexes: of its suite alone in a second or two, with those of packages for a whole release megabytes. Throws a
    /// sentence if the archive does not give the suite.
    /// </summary>
    internal void Update(bool withPackages)
    {
        Directory.CreateDirectory(Path.Combine(Lists, "partial"));
        Directory.CreateDirectory(Path.Combine(folder, "archives", "partial"));
        string signed = File.Exists(Keyring) ? $" signed-by={Keyring}" : "";
        File.WriteAllText(Sources, $"deb [arch={archive.Architecture}{signed}] {archive.Uri} {archive.Suite} main\n");
        IEnumerable<string> unread = withPackages ? OtherIndexes : [.. OtherIndexes, "Packages"];
        Run(
            $"{archive.Uri} does not give {archive.Suite}",
            [
                "update", "-qq", "-o", "APT::Update::Error-Mode=any", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20",
                .. unread.SelectMany(index => (string[])["-o", $"Acquire::IndexTargets::deb::{index}::DefaultEnabled=false"]),
            ]);
    }

    /// <summary>Downloads a package of the archive, whose indexes were read before, into the folder; returns its path.</summary>
    internal string Download(string package)
    {
        Run($"{archive.Uri} does not give {package} of {archive.Suite}", ["download", "-q", package]);
        return Directory.EnumerateFiles(folder, "*.deb").Single();
    }

    private string Sources => Path.Combine(folder, "sources.list");

    private void Run(string failure, IEnumerable<string> command) => new Tool("apt-get", "apt") { Directory = folder }.Run(
        failure,
        [
            .. command,
            "-o", $"Dir::Etc::SourceList={Sources}", "-o", "Dir::Etc::SourceParts=/dev/null",
            "-o", "Dir::Etc::Preferences=/dev/null", "-o", "Dir::Etc::PreferencesParts=/dev/null",
            "-o", $"Dir::State={folder}", "-o", $"Dir::State::Lists={Lists}", "-o", "Dir::State::status=/dev/null",
            "-o", $"Dir::Cache={folder}", "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=",
            // Otherwise root's apt becomes a user who may not write here.
            .. Environment.IsPrivilegedProcess ? (string[])["-o", "APT::Sandbox::User=root"] : [],
        ]);
}
