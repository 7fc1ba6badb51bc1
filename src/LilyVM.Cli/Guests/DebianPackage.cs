namespace LilyVM.Cli.Guests;

/// <summary>
/// A Debian package whose files a guest is made of: used where it is installed, else downloaded and unpacked, which needs no root.
/// </summary>
/// <param name="Name">Name with architecture if it is not the host's, e.g. <c>busybox-static:i386</c>.</param>
/// <param name="FilePath">The file, or folder with all in it, wanted from it; without leading slash.</param>
/// <param name="Suite">The suite of Debian that it is from, whatever this machine's apt knows; null for what that gives.</param>
internal sealed record DebianPackage(string Name, string FilePath, string? Suite = null)
{
    private const string Unpack = "dpkg-deb --fsys-tarfile \"$1\" | tar -x --no-same-owner -C \"$2\" \"$3\"";

    private string Thing => "package-" + FolderName;

    private string FolderName => Name.Replace(':', '_');

    /// <summary>The file and the package's version; downloads it if need be.</summary>
    internal (string Path, string Version) Get(GuestCache cache, StepProgress progress)
    {
        if (Find(cache) is { } there)
            return there;
        using IDisposable _ = cache.Lock(Thing, progress);
        string folder = Path.Combine(cache.SharedDirectory(GuestCache.Packages), FolderName);
        if (!Directory.Exists(folder))
            Download(cache, folder, progress);
        return Find(cache)!.Value;
    }

    /// <summary>The file and the package's version, or null if it would have to be downloaded.</summary>
    internal (string Path, string Version)? Find(GuestCache cache)
    {
        (int exitCode, string output, _) = new Tool("dpkg-query", "dpkg").TryRun("-W", "-f", "${db:Status-Status} ${Version}", Name);
        string installed = "/" + FilePath;
        if (exitCode == 0 && output.StartsWith("installed ", StringComparison.Ordinal) && Path.Exists(installed))
            return (installed, output["installed ".Length..]);
        string folder = Path.Combine(cache.Root, GuestCache.Packages, FolderName);
        return Directory.Exists(folder)
            ? (Path.Combine(folder, "files", FilePath), File.ReadAllText(Path.Combine(folder, "version")))
            : null;
    }

    // The folder appears by a rename when all is in it.
    private void Download(GuestCache cache, string folder, StepProgress progress)
    {
        string work = cache.WorkDirectory(Thing);
        Directory.Delete(work, recursive: true);
        Directory.CreateDirectory(work);
        progress.Run($"Downloading {Name}", () =>
        {
            string downloads = Directory.CreateDirectory(Path.Combine(work, "download")).FullName;
            string package = Suite is null ? DownloadAsAptDoes(downloads) : DownloadFrom(Suite, downloads);
            var dpkg = new Tool("dpkg-deb", "dpkg");
            string version = dpkg.Run($"{Name} cannot be read after its download", "-f", package, "Version").Trim();
            string files = Directory.CreateDirectory(Path.Combine(work, "files")).FullName;
            // Some packages are hundreds of megabytes, of which one file is wanted.
            new Tool("sh", "dash").Run($"{Name} cannot be unpacked", "-c", Unpack, "sh", package, files, "./" + FilePath);
            File.WriteAllText(Path.Combine(work, "version"), version);
            Directory.Delete(downloads, recursive: true);
        });
        Directory.Move(work, folder);
    }

    private string DownloadAsAptDoes(string folder)
    {
        string hint = $"apt cannot download {Name} (are the network and the package index of `apt-get update` all right?)";
        new Tool("apt-get", "apt") { Directory = folder }.Run(hint, "download", "-q", Name);
        return Directory.EnumerateFiles(folder, "*.deb").Single();
    }

    // The first of the machine's mirrors that has the suite.
    private string DownloadFrom(string suite, string folder)
    {
        var problems = new List<string>();
        foreach ((int index, string mirror) in DebianArchive.Mirrors().Index())
        {
            // The index of any architecture has the packages for all of them.
            var apt = new PrivateApt(new DebianArchive(mirror, suite, "amd64"), Path.Combine(folder, $"{index}"));
            try
            {
                apt.Update(withPackages: true);
                return apt.Download(Name);
            }
            catch (LilyVMException e)
            {
                problems.Add(e.Message.TrimEnd('.'));
            }
        }
        throw new LilyVMException(
            $"{Name} of Debian's {suite} cannot be had: {string.Join("; ", problems)}; give this machine's apt a mirror of Debian that " +
            $"has {suite}.");
    }
}
