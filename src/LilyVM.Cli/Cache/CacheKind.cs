using System.Text.RegularExpressions;

namespace LilyVM.Cli.Cache;

/// <summary>A kind of thing in the cache: where such things lie, how they are named, and by what name they are locked while they are made.</summary>
/// <param name="Area">The folder below the cache's.</param>
/// <param name="Name">What a name of this kind looks like; what looks otherwise is not LilyVM's and is left alone.</param>
/// <param name="What">In words.</param>
/// <param name="LockPrefix">The lock's name is the thing's name after this.</param>
/// <param name="IsRead">Whether builds of other things read it.</param>
/// <param name="Proof">A file in it without which it is not LilyVM's: for names that anybody might give.</param>
internal sealed record CacheKind(string Area, Regex Name, string What, string LockPrefix = "", bool IsRead = false, string Proof = "")
{
    private const string Hash = "[0-9a-f]{16}", Package = "[a-z0-9][a-z0-9.+-]*";

    /// <summary>All of them; the first that fits is taken.</summary>
    internal static readonly IReadOnlyList<CacheKind> All =
    [
        new(Guests.GuestCache.Entries, Whole($"linux-{Hash}"), "Linux kernel"),
        new(Guests.GuestCache.Entries, Whole($"linux-initrd-{Hash}"), "initial RAM disk of Linux"),
        new(Guests.GuestCache.Entries, Whole($"debian-{Hash}"), "Debian disk"),
        new(Guests.GuestCache.Entries, Whole($"(bench|micro)-{Hash}"), "for the experiment"),
        new(Guests.GuestCache.Packages, Whole($"{Package}(_[a-z0-9]+)?"), "Debian package, unpacked", LockPrefix: "package-", IsRead: true, Proof: "version"),
        new(Guests.GuestCache.Sources, Whole($"linux-source-{Hash}"), "kernel source, unpacked", IsRead: true),
        new(Guests.GuestCache.Sources, Whole($@"{Package}_[0-9][^_]*\.orig\.tar\.[a-z0-9]+"), "source of a Debian package", IsRead: true),
        new(Guests.GuestCache.Lab, Whole($"module-.+-{Hash}"), "kernel module for the lab", LockPrefix: "lab-", IsRead: true),
        new(Guests.GuestCache.Lab, Whole($"{Package}-{Hash}"), "kernel of the lab", LockPrefix: "lab-", IsRead: true),
        new(Guests.GuestCache.Unfinished, Whole($"(linux|linux-initrd|linux-source|debian|bench|micro|lab-.+)-{Hash}|(package|source)-{Package}(_[a-z0-9]+)?|awk-part"), "unfinished build"),
        new("work", Whole($"(linux|linux-initrd|linux-source|debian|bench|micro|lab-.+)-{Hash}(-twin)?"), "unfinished build of an earlier version"),
    ];

    /// <summary>The kind of a thing in an area, or null if it is not LilyVM's.</summary>
    internal static CacheKind? Of(string area, string name) => All.FirstOrDefault(k => k.Area == area && k.Name.IsMatch(name));

    private static Regex Whole(string pattern) => new($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);
}
