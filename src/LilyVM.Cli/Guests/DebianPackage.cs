namespace LilyVM.Cli.Guests;

/// <summary>A Debian package whose files a guest is made of: used where it is installed, else downloaded and unpacked, which needs no root.</summary>
/// <param name="Name">Name with architecture if it is not the host's, e.g. <c>busybox-static:i386</c>.</param>
/// <param name="FilePath">The file, or folder with all in it, wanted from it; without leading slash.</param>
internal sealed record DebianPackage(string Name, string FilePath)
{
    private const string Unpack = "dpkg-deb --fsys-tarfile \"$1\" | tar -x --no-same-owner -C \"$2\" \"$3\"";

    /// <summary>Finds the file and the package's version.</summary>
    internal (string Path, string Version) Get(GuestCache cache, StepProgress progress)
    {
        (int exitCode, string output, _) = new Tool("dpkg-query", "dpkg").TryRun("-W", "-f", "${db:Status-Status} ${Version}", Name);
        string installed = "/" + FilePath;
        if (exitCode == 0 && output.StartsWith("installed ", StringComparison.Ordinal) && Path.Exists(installed))
            return (installed, output["installed ".Length..]);
        string folder = Path.Combine(cache.SharedDirectory("packages"), Name.Replace(':', '_'));
        if (!Directory.Exists(folder))
        {
            using IDisposable _ = cache.Lock(() => progress.Tell($"Waiting for another lilyvm that downloads {Name} ..."), Path.GetFileName(folder) + ".");
            if (!Directory.Exists(folder))
                Download(cache, folder, progress);
        }
        return (Path.Combine(folder, "files", FilePath), File.ReadAllText(Path.Combine(folder, "version")));
    }

    // The folder appears by a rename when all is in it.
    private void Download(GuestCache cache, string folder, StepProgress progress)
    {
        string work = cache.WorkDirectory("package-" + Path.GetFileName(folder));
        Directory.Delete(work, recursive: true);
        Directory.CreateDirectory(work);
        progress.Run($"Downloading {Name}", () =>
        {
            string hint = $"apt cannot download {Name} (are the network and the package index of `apt-get update` all right?)";
            new Tool("apt-get", "apt") { Directory = work }.Run(hint, "download", "-q", Name);
            string package = Directory.EnumerateFiles(work, "*.deb").Single();
            var dpkg = new Tool("dpkg-deb", "dpkg");
            string version = dpkg.Run($"{Name} cannot be read after its download", "-f", package, "Version").Trim();
            string files = Directory.CreateDirectory(Path.Combine(work, "files")).FullName;
            // Some packages are hundreds of megabytes, of which one file is wanted.
            new Tool("sh", "dash").Run($"{Name} cannot be unpacked", "-c", Unpack, "sh", package, files, "./" + FilePath);
            File.WriteAllText(Path.Combine(work, "version"), version);
            File.Delete(package);
        });
        Directory.Move(work, folder);
    }
}
