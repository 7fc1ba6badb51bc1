namespace LilyVM.Cli.Guests;

/// <summary>
/// The initial RAM disk: Debian's static busybox, the recipe's init and scripts, and its test programs; and the same without those, to boot
/// from: they are ten times the rest, and unpacking takes time. Apart from the kernel in the cache, so that a changed script does not
/// cost a kernel build.
/// </summary>
internal sealed class LinuxInitrd(RecipeFiles files, GuestCache cache, StepProgress progress)
{
    // Not compressed: the kernel takes longer to unpack them than this program to read them.
    private const string Name = "initrd.cpio", SmallName = "small.cpio";

    // What init mounts and links there, before the scripts and programs.
    private static readonly string[] Folders = ["bin", "dev", "mnt", "proc", "sbin", "sys", "tmp", "usr", "usr/bin", "usr/sbin"];

    /// <summary>The RAM disk without test programs that belongs to one with them.</summary>
    internal static string Small(string path) => Path.Combine(Path.GetDirectoryName(path)!, SmallName);

    /// <summary>The finished RAM disk, or null. Nothing is downloaded for the answer.</summary>
    internal string? Find() => files.Recipe.Busybox.Find(cache) is { } busybox ? Find(EntryName(busybox.Version)) : null;

    /// <summary>Makes it if it is not in the cache.</summary>
    internal string Build()
    {
        (string busybox, string version) = files.Recipe.Busybox.Get(cache, progress);
        string entry = EntryName(version);
        if (Find(entry) is { } finished)
            return finished;
        using IDisposable _ = cache.Lock(entry, progress);
        if (Find(entry) is { } meanwhile)
            return meanwhile;
        string work = cache.WorkDirectory(entry);
        progress.Run("Making the initial RAM disk", () =>
        {
            string programs = Path.Combine(work, "programs"), result = Path.Combine(work, "result");
            Directory.CreateDirectory(result);
            foreach (ProgramGroup group in files.Recipe.Programs)
                group.Compile(files.Shared, files.Own, Path.Combine(programs, group.Folder));
            string always = Path.Combine(work, "always");
            ProgramGroup.Container.Compile(files.Shared, files.Own, Path.Combine(always, "bin"));
            Write(Path.Combine(result, Name), busybox, [.. files.Initrds, always, programs]);
            Write(Path.Combine(result, SmallName), busybox, [.. files.Initrds, always]);
        });
        string installed = cache.Install(Path.Combine(work, "result"), entry);
        Directory.Delete(work, recursive: true);
        return Path.Combine(installed, Name);
    }

    private static IEnumerable<string> Sorted(IEnumerable<string> paths) => paths.Order(StringComparer.Ordinal);

    private string? Find(string entry) => cache.TryFind(entry) is { } folder ? Path.Combine(folder, Name) : null;

    private string EntryName(string busyboxVersion)
    {
        using var key = new CacheKey();
        foreach (string folder in files.Initrds
            .Concat(files.Recipe.Programs.Append(ProgramGroup.Container).SelectMany(g => g.Folders(files.Shared, files.Own))))
            key.AddFiles(Path.GetRelativePath(files.Shared, folder), folder);
        foreach (ProgramGroup group in files.Recipe.Programs)
            key.Add("options", string.Join(' ', group.Options));
        return $"linux-initrd-{files.Recipe.Architecture}-{key.Add("busybox", busyboxVersion).Add("form", Name + SmallName)}";
    }

    private static void Write(string path, string busybox, IEnumerable<string> trees)
    {
        using FileStream output = File.Create(path);
        var archive = new CpioArchive(output);
        foreach (string folder in Folders)
            archive.AddFolder(folder);
        archive.AddCharacterDevice("dev/console", 5, 1); // init's standard streams; the rest comes with devtmpfs
        archive.AddFile("bin/busybox", File.ReadAllBytes(busybox), executable: true);
        archive.AddLink("bin/sh", "busybox");
        foreach (string tree in trees)
            AddTree(archive, tree);
        archive.End();
    }

    private static void AddTree(CpioArchive archive, string tree)
    {
        foreach (string path in Sorted(Directory.EnumerateFileSystemEntries(tree, "*", SearchOption.AllDirectories)))
        {
            string name = Path.GetRelativePath(tree, path);
            if (Directory.Exists(path))
                archive.AddFolder(name);
            else
                archive.AddFile(name, File.ReadAllBytes(path), executable: true);
        }
    }
}
