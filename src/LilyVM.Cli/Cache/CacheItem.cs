using LilyVM.Cli.Guests;

namespace LilyVM.Cli.Cache;

/// <summary>A thing in the cache.</summary>
/// <param name="Root">The folder whose area it lies in: the cache's, or the one that stands for it (<see
/// cref="PlainFolder"/>).</param>
/// <param name="FileName">Its name there.</param>
/// <param name="Kind">What it is.</param>
internal sealed record CacheItem(string Root, string FileName, CacheKind Kind)
{
    // Put around the name of what is being removed or replaced, the first also before that of what arrives:
    // half of it is never taken for whole.
    private const char Going = '.';
    private const string Gone = ".old";

    /// <summary>As users name it.</summary>
    internal string Name => $"{Kind.Area}/{FileName}";

    /// <summary>Where it lies.</summary>
    internal string Path => System.IO.Path.Combine(Root, Kind.Area, FileName);

    /// <summary>Name of its lock.</summary>
    internal string Thing => Kind.LockPrefix + Known;

    private string Known => FileName.StartsWith(Going) ? FileName[1..].Replace(Gone, "", StringComparison.Ordinal) : FileName;

    /// <summary>All in the cache, by area and name. Areas that are links lead out of the cache and are left alone.</summary>
    internal static List<CacheItem> List(GuestCache cache)
    {
        var items = new List<CacheItem>();
        foreach (string root in cache.Roots().Where(Directory.Exists))
        {
            foreach (string area in CacheKind.All.Select(k => k.Area).Distinct())
            {
                var folder = new DirectoryInfo(System.IO.Path.Combine(root, area));
                if (!folder.Exists || folder.LinkTarget is not null)
                    continue;
                foreach (string name in folder.EnumerateFileSystemInfos().Select(f => f.Name).Order(StringComparer.Ordinal))
                {
                    bool going = name.StartsWith(Going) && name.EndsWith(Gone, StringComparison.Ordinal);
                    CacheKind? kind = CacheKind.Of(area, going ? name[1..^Gone.Length] : name.TrimStart(Going));
                    if (kind is not null && (going || System.IO.Path.Exists(System.IO.Path.Combine(folder.FullName, name, kind.Proof))))
                        items.Add(new CacheItem(root, name, kind));
                }
            }
        }
        return items;
    }

    /// <summary>Removes it, and nothing that it may link to. The caller has its lock.</summary>
    internal void Remove()
    {
        string going = System.IO.Path.Combine(Root, Kind.Area, Going + Known + Gone);
        if (going != Path)
        {
            Delete(going);
            Directory.Move(Path, going);
        }
        Delete(going);
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
    }
}
