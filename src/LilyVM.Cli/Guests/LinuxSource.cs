namespace LilyVM.Cli.Guests;

/// <summary>A kernel source archive.</summary>
/// <param name="Archive">A tar file whose single top folder holds the tree and has the name of the file.</param>
/// <param name="Version">Its version.</param>
internal sealed record LinuxSource(string Archive, string Version)
{
    /// <summary>Debian's source; downloaded if need be.</summary>
    internal static LinuxSource Get(LinuxRecipe recipe, GuestCache cache, StepProgress progress)
    {
        (string path, string version) = recipe.Source.Get(cache, progress);
        return new LinuxSource(path, version);
    }

    /// <summary>Debian's source, or null if it would have to be downloaded.</summary>
    internal static LinuxSource? Find(LinuxRecipe recipe, GuestCache cache) =>
        recipe.Source.Find(cache) is { } found ? new LinuxSource(found.Path, found.Version) : null;

    /// <summary>
    /// Unpacks and edits what a build needs, once, and returns the top of the tree, at a path that kbuild takes. Builds only read it; the
    /// caller has the lock of what it builds.
    /// </summary>
    internal string Unpack(RecipeFiles recipe, GuestCache cache, StepProgress progress)
    {
        using CacheKey key = new CacheKey().Add("version", Version).AddFiles("excludes", recipe.SourceExcludes);
        if (File.Exists(recipe.Edits))
            key.AddFiles("edits", recipe.Edits);
        string name = $"linux-source-{key}", tree = Path.Combine(cache.PlainDirectory(GuestCache.Sources), name);
        if (Directory.Exists(tree))
            return tree;
        using IDisposable _ = cache.Lock(name, progress);
        if (Directory.Exists(tree))
            return tree;
        IReadOnlyList<KernelEdit> edits = KernelEdits.Load(recipe.Edits);
        string work = cache.BuildDirectory(name);
        Directory.Delete(work, recursive: true); // half of an interrupted unpacking
        Directory.CreateDirectory(work);
        progress.Run("Unpacking the kernel source", () =>
        {
            new Tool("tar", "tar").Run(
                $"{Archive} cannot be unpacked",
                ["-x", "-f", Archive, "-C", work, "--strip-components=1", "--anchored", .. Excludes(recipe.SourceExcludes)]);
            KernelEdits.Apply(edits, work);
        });
        Directory.Move(work, tree);
        return tree;
    }

    // tar compares whole names, which begin with the top folder, named like the archive.
    private IEnumerable<string> Excludes(string list)
    {
        string top = Path.GetFileName(Archive)[..Path.GetFileName(Archive).IndexOf(".tar", StringComparison.Ordinal)];
        return File.ReadLines(list).Select(pattern => $"--exclude={top}/{pattern}");
    }
}
