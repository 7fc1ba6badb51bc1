namespace LilyVM.Bench.Setup;

/// <summary>The upstream archive of a Debian source package, downloaded once; apt checks it against Debian's signature.</summary>
/// <param name="Package">Name of the source package.</param>
/// <param name="Archive">Its upstream archive.</param>
internal sealed record DebianSource(string Package, string Archive)
{
    /// <summary>GNU awk, the paper's workload.</summary>
    internal static readonly DebianSource Gawk = new("gawk", "gawk_5.2.1.orig.tar.xz");

    private const string Keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

    private string Thing => "source-" + Package;

    /// <summary>The archive's place, after a download if it is not there.</summary>
    internal string Get(GuestCache cache, StepProgress progress)
    {
        string archive = Path.Combine(cache.SharedDirectory(GuestCache.Sources), Archive);
        if (File.Exists(archive))
            return archive;
        using IDisposable _ = cache.Lock(Thing, progress);
        if (!File.Exists(archive))
            progress.Run($"Downloading the source of {Package}", () => Download(cache, archive));
        return archive;
    }

    // With lists of its own: the machine's need not name source archives, and only root could change them.
    private void Download(GuestCache cache, string archive)
    {
        string work = cache.WorkDirectory(Thing), lists = Path.Combine(work, "lists"), sources = Path.Combine(work, "sources.list");
        Directory.CreateDirectory(Path.Combine(lists, "partial"));
        File.WriteAllText(sources, $"deb-src [signed-by={Keyring}] http://deb.debian.org/debian bookworm main\n");
        string[] own =
        [
            "-qq", "-o", $"Dir::Etc::SourceList={sources}", "-o", "Dir::Etc::SourceParts=/dev/null", "-o", $"Dir::State::Lists={lists}",
            "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=",
        ];
        var apt = new Tool("apt-get", "apt") { Directory = work };
        string failure = $"The source of {Package} cannot be downloaded";
        apt.Run(failure, [.. own, "update"]);
        apt.Run(failure, [.. own, "source", "--download-only", Package]);
        string downloaded = Path.Combine(work, Archive);
        if (!File.Exists(downloaded))
            throw new LilyVMException($"Debian's source of {Package} is no longer {Archive}; the experiment needs to be brought up to " +
                "date.");
        File.Move(downloaded, archive);
        Directory.Delete(work, recursive: true);
    }
}
