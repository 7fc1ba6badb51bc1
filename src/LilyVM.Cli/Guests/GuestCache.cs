using System.Security.Cryptography;

namespace LilyVM.Cli.Guests;

/// <summary>
/// Finished guests. An entry is a folder whose name holds the hash of everything that went into it; it is made elsewhere and appears by a rename,
/// so it is never half there. Work folders are kept when a build is interrupted, so the next one goes on from them.
/// </summary>
/// <param name="Root">The folder of the cache.</param>
internal sealed record GuestCache(string Root)
{
    /// <summary>Moves the cache from its usual place.</summary>
    internal const string RootVariable = "LILYVM_CACHE";

    private const string Manifest = "manifest";

    // A disk image of gigabytes is checked by its length alone, or every start would read all of it.
    private const long LargestHashed = 64 << 20;

    /// <summary>The cache of this user.</summary>
    internal static GuestCache Find()
    {
        string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
        string root = Variable(RootVariable)
            ?? Path.Combine(Variable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "lilyvm");
        return new GuestCache(Path.GetFullPath(root));
    }

    /// <summary>A folder that survives an interrupted build.</summary>
    internal string WorkDirectory(string name) => CreateDirectory(Path.Combine(Root, "work", name));

    /// <summary>Removes the work folders whose names begin so.</summary>
    internal void DeleteWork(string prefix)
    {
        foreach (string folder in Directory.EnumerateDirectories(Path.Combine(Root, "work"), prefix + "*"))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>A folder for things that several builds share.</summary>
    internal string SharedDirectory(string name) => CreateDirectory(Path.Combine(Root, name));

    /// <summary>The folder of an entry, if it is there and each file is as it was installed.</summary>
    internal string? TryFind(string entry)
    {
        string folder = Path.Combine(Root, "guests", entry);
        string manifest = Path.Combine(folder, Manifest);
        return File.Exists(manifest) && File.ReadLines(manifest).All(line => IsIntact(folder, line)) ? folder : null;
    }

    /// <summary>Whether an entry is there but no longer what was installed.</summary>
    internal bool IsDamaged(string entry) => Directory.Exists(Path.Combine(Root, "guests", entry)) && TryFind(entry) is null;

    /// <summary>Makes a filled folder an entry, in one step; a damaged or poorer entry of that name goes. Returns the entry's folder.</summary>
    internal string Install(string filled, string entry)
    {
        File.WriteAllLines(
            Path.Combine(filled, Manifest),
            Directory.EnumerateFiles(filled).Where(f => Path.GetFileName(f) != Manifest).Order(StringComparer.Ordinal).Select(Describe).ToList());
        string target = Path.Combine(CreateDirectory(Path.Combine(Root, "guests")), entry);
        if (Directory.Exists(target))
            Directory.Delete(target, recursive: true);
        Directory.Move(filled, target);
        return target;
    }

    /// <summary>
    /// Waits until no other process builds guests, or makes the thing of that name. Dispose of the result to let the next one in. Who builds guests may
    /// take others within.
    /// </summary>
    internal IDisposable Lock(Action waiting, string thing = "")
    {
        string path = Path.Combine(CreateDirectory(Root), thing + "lock");
        for (bool told = false; ; told = true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                if (!told)
                    waiting();
                Thread.Sleep(TimeSpan.FromMilliseconds(200));
            }
        }
    }

    private static string CreateDirectory(string path)
    {
        try
        {
            return Directory.CreateDirectory(path).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LilyVMException($"The cache folder {path} cannot be made; set {RootVariable} to a folder that you may write.", e);
        }
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
}
