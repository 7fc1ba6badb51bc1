namespace LilyVM.Cli.Guests;

/// <summary>A kernel source archive.</summary>
/// <param name="Archive">A tar file whose single top folder holds the tree.</param>
/// <param name="Version">Its version.</param>
internal sealed record LinuxSource(string Archive, string Version)
{
    /// <summary>The kernel that the recipe is for.</summary>
    internal static readonly DebianPackage Package = new("linux-source-6.1", "usr/src/linux-source-6.1.tar.xz");

    /// <summary>Debian's source; downloaded if need be.</summary>
    internal static LinuxSource Get(GuestCache cache, StepProgress progress)
    {
        (string path, string version) = Package.Get(cache, progress);
        return new LinuxSource(path, version);
    }

    /// <summary>Debian's source, or null if it would have to be downloaded.</summary>
    internal static LinuxSource? Find(GuestCache cache) => Package.Find(cache) is { } found ? new LinuxSource(found.Path, found.Version) : null;

    /// <summary>
    /// Unpacks what an i386 build needs, once, and returns the top of the tree, at a path that kbuild takes.
    /// Builds only read it; the caller has the lock of what it builds.
    /// </summary>
    internal string Unpack(GuestCache cache, string recipe, StepProgress progress)
    {
        string excludes = Path.Combine(recipe, "source-exclude.txt");
        using CacheKey key = new CacheKey().Add("version", Version).AddFiles("excludes", excludes);
        string name = $"linux-source-{key}", tree = Path.Combine(cache.PlainDirectory(GuestCache.Sources), name);
        if (Directory.Exists(tree))
            return tree;
        using IDisposable _ = cache.Lock(name, progress);
        if (Directory.Exists(tree))
            return tree;
        string work = cache.BuildDirectory(name);
        Directory.Delete(work, recursive: true); // half of an interrupted unpacking
        Directory.CreateDirectory(work);
        progress.Run("Unpacking the kernel source", () => new Tool("tar", "tar").Run(
            $"{Archive} cannot be unpacked",
            "-x", "-f", Archive, "-C", work, "--strip-components=1", "--anchored", "--exclude-from", excludes));
        Directory.Move(work, tree);
        return tree;
    }
}
