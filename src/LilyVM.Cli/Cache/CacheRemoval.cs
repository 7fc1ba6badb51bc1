using LilyVM.Cli.Guests;

namespace LilyVM.Cli.Cache;

/// <summary>
/// Takes things out of the cache beside builds that run: what one of them makes or reads stays. Guests that
/// run keep what they have open.
/// </summary>
internal sealed class CacheRemoval(GuestCache cache)
{
    /// <summary>Removes a thing, or returns who still needs it.</summary>
    internal string? TryRemove(CacheItem item)
    {
        using CacheLock? inputs = item.Kind.IsRead ? cache.TryLock(GuestCache.Inputs, shared: false) : null;
        if (item.Kind.IsRead && inputs is null)
            return $"{Builder() ?? "another lilyvm"} may be reading it";
        using CacheLock? own = cache.TryLock(item.Thing, shared: false);
        if (own is null)
            return $"{CacheLock.Holder(cache.LockFolder, item.Thing)} is making it";
        item.Remove();
        return null;
    }

    /// <summary>Who makes a thing now, or null.</summary>
    internal string? MakerOf(CacheItem item) => MakerOf(item.Thing);

    private string? MakerOf(string thing)
    {
        if (!File.Exists(CacheLock.File(cache.LockFolder, thing)))
            return null;
        using CacheLock? free = cache.TryLock(thing, shared: true);
        return free is null ? CacheLock.Holder(cache.LockFolder, thing) : null;
    }

    // Any of those that share the inputs.
    private string? Builder() => Directory.EnumerateFiles(cache.LockFolder)
        .Select(CacheLock.ThingOf).OfType<string>().Where(t => t != GuestCache.Inputs)
        .Select(MakerOf).FirstOrDefault(maker => maker is not null);
}
