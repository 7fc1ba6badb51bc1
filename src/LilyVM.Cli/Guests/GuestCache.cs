using System.Security.Cryptography;

namespace LilyVM.Cli.Guests;

/// <summary>
/// Finished guests. An entry is a folder whose name holds the hash of everything that went into it; it is
/// made elsewhere and appears by a rename, so it is never half there. Work folders are kept when a build is
/// interrupted, so the next one goes on from them.
/// </summary>
/// <param name="Root">The folder of the cache. Reading does not write there.</param>
internal sealed record GuestCache(string Root)
{
    /// <summary>The folders in it: entries, unfinished work, locks, and what builds share.</summary>
    internal const string Entries = "guests", Unfinished = "building", Locks = "locks", Packages = "packages", Sources = "sources",
        Lab = "lab";

    /// <summary>The lock that each build shares, and that is taken by whoever removes what builds read.</summary>
    internal const string Inputs = "inputs";

    private const string Manifest = "manifest";

    private const int ReadOnlyFileSystem = 30; // EROFS, as .NET passes it on

    // A disk image of gigabytes is checked by its length alone, or every start would read all of it.
    private const long LargestHashed = 64 << 20;

    /// <summary>The folder of locks.</summary>
    internal string LockFolder => Path.Combine(Root, Locks);

    /// <summary>The cache of this user.</summary>
    internal static GuestCache Find() => new(CacheLocation.Find(Environment.GetEnvironmentVariable));

    /// <summary>The cache's folder, and what stands for it where kernels are built, if anything does.</summary>
    internal IEnumerable<string> Roots() => PlainFolder.StandInFor(Root) is { } other ? [Root, other] : [Root];

    /// <summary>
    /// A folder that survives an interrupted build of <paramref name="thing"/>, whose lock the caller has.
    /// </summary>
    internal string WorkDirectory(string thing) => CreateDirectory(Path.Combine(Root, Unfinished, thing));

    /// <summary>
    /// Such a folder at a path that make and kbuild take (<see cref="PlainFolder"/>); it may be on another
    /// file system than the cache.
    /// </summary>
    internal string BuildDirectory(string thing) => CreateDirectory(Path.Combine(PlainFolder.Create(Root), Unfinished, thing));

    /// <summary>Removes the unfinished work on things whose names begin so, but not what somebody works on.</summary>
    internal void DeleteUnfinished(string prefix)
    {
        foreach (string folder in Roots().Select(r => Path.Combine(r, Unfinished)).Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateDirectories(f, prefix + "*")).ToList())
        {
            using CacheLock? mine = TryLock(Path.GetFileName(folder), shared: false);
            if (mine is not null)
                Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A folder for things that several builds share.</summary>
    internal string SharedDirectory(string name) => CreateDirectory(Path.Combine(Root, name));

    /// <summary>Such a folder at a path that make and kbuild take.</summary>
    internal string PlainDirectory(string name) => CreateDirectory(Path.Combine(PlainFolder.Create(Root), name));

    /// <summary>The folder of an entry, if it is there and each file is as it was installed.</summary>
    internal string? TryFind(string entry)
    {
        string folder = Path.Combine(Root, Entries, entry);
        string manifest = Path.Combine(folder, Manifest);
        return File.Exists(manifest) && File.ReadLines(manifest).All(line => IsIntact(folder, line)) ? folder : null;
    }

    /// <summary>The same without reading the files, for who is in a hurry: each has the size that it was installed with.</summary>
    internal string? FindQuickly(string entry)
    {
        string folder = Path.Combine(Root, Entries, entry), manifest = Path.Combine(folder, Manifest);
        return File.Exists(manifest) && File.ReadLines(manifest).Select(line => line.Split(' ', 3)).All(
            parts => parts is [var length, _, var name] && new FileInfo(Path.Combine(folder, name)) is { Exists: true } file
            && file.Length.ToString(System.Globalization.CultureInfo.InvariantCulture) == length) ? folder : null;
    }

    /// <summary>Whether an entry is there but no longer what was installed.</summary>
    internal bool IsDamaged(string entry) => Directory.Exists(Path.Combine(Root, Entries, entry)) && TryFind(entry) is null;

    /// <summary>
    /// Makes a filled folder an entry, in one step; a damaged or poorer entry of that name goes. The caller
    /// has the entry's lock. Returns the entry's folder.
    /// </summary>
    internal string Install(string filled, string entry)
    {
        File.WriteAllLines(
            Path.Combine(filled, Manifest),
            Directory.EnumerateFiles(filled).Where(f => Path.GetFileName(f) != Manifest).Order(StringComparer.Ordinal).Select(Describe)
                .ToList());
        string target = Path.Combine(CreateDirectory(Path.Combine(Root, Entries)), entry);
        // Made where kbuild can work, it may come from another file system.
        string arrival = Path.Combine(Root, Entries, "." + entry), old = arrival + ".old";
        foreach (string left in (string[])[arrival, old])
            DeleteDirectory(left);
        new Tool("mv", "coreutils").Run("The guest cannot be stored", "-T", "--", filled, arrival);
        if (Directory.Exists(target))
            Directory.Move(target, old);
        Directory.Move(arrival, target);
        DeleteDirectory(old);
        return target;
    }

    /// <summary>
    /// Waits until no other process makes or removes that thing, and tells whom it waits for. Dispose of the
    /// result to let the next one in. Who makes one thing may take the locks of what goes into it.
    /// </summary>
    internal IDisposable Lock(string thing, StepProgress progress)
    {
        CacheLock inputs = Wait(Inputs, shared: true, progress);
        try
        {
            return new Both(Wait(thing, shared: false, progress), inputs);
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes a small file that only saves time the next time; a cache that cannot be written goes without.
    /// </summary>
    internal static void Remember(string path, string text)
    {
        string temporary = $"{path}.{Environment.ProcessId}";
        try
        {
            File.WriteAllText(temporary, text);
            File.Move(temporary, path, overwrite: true); // whole or not at all
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Makes a folder, or says what to do.</summary>
    internal static string CreateDirectory(string path, UnixFileMode? mode = null)
    {
        try
        {
            return mode is { } wanted && !Directory.Exists(path) && OperatingSystem.IsLinux()
                ? Directory.CreateDirectory(path, wanted).FullName
                : Directory.CreateDirectory(path).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LilyVMException(
                $"The cache folder {path} cannot be made; set {CacheLocation.OwnVariable} to a folder that you may write.", e);
        }
    }

    private CacheLock Wait(string thing, bool shared, StepProgress progress)
    {
        CacheLock? got = TryLock(thing, shared);
        while (got is null)
        {
            string holder = CacheLock.Holder(LockFolder, thing);
            progress.Run($"Waiting for {holder}, which {(shared ? "removes things from the cache" : "makes " + thing)}", () =>
            {
                do
                {
                    Thread.Sleep(TimeSpan.FromMilliseconds(200));
                    got = TryLock(thing, shared);
                }
                while (got is null && CacheLock.Holder(LockFolder, thing) == holder);
            });
        }
        return got;
    }

    /// <summary>
    /// The lock of a thing, or null if somebody has it in a way that excludes us (<see
    /// cref="CacheLock.Try"/>).
    /// </summary>
    internal CacheLock? TryLock(string thing, bool shared)
    {
        CreateDirectory(LockFolder);
        try
        {
            return CacheLock.Try(LockFolder, thing, shared);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException { HResult: ReadOnlyFileSystem })
        {
            throw new LilyVMException(
                $"The cache {Root} cannot be written; set {CacheLocation.OwnVariable} to a folder that you may write.", e);
        }
    }

    private static void DeleteDirectory(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }

    private static string Describe(string path)
    {
        long length = new FileInfo(path).Length;
        return $"{length} {Hash(path, length)} {Path.GetFileName(path)}";
    }

    private static bool IsIntact(string folder, string line)
    {
        string path = Path.Combine(folder, line[(line.LastIndexOf(' ') + 1)..]);
        return File.Exists(path) && Describe(path) == line;
    }

    private static string Hash(string path, long length)
    {
        if (length > LargestHashed)
            return "-";
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private sealed class Both(IDisposable first, IDisposable second) : IDisposable
    {
        public void Dispose()
        {
            first.Dispose();
            second.Dispose();
        }
    }
}
