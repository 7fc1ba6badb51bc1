using System.Text.RegularExpressions;
using LilyVM.Cli.Guests;

namespace LilyVM.Cli.Cache;

/// <summary>
/// A kind of thing in the cache: where such things lie, how they are named, and by what name they are locked
/// while they are made.
/// </summary>
/// <param name="Area">The folder below the cache's.</param>
/// <param name="Name">What a name of this kind looks like; what looks otherwise is not LilyVM's and is left
/// alone.</param>
/// <param name="What">In words.</param>
/// <param name="LockPrefix">The lock's name is the thing's name after this.</param>
/// <param name="IsRead">Whether builds of other things read it.</param>
/// <param name="Proof">A file in it without which it is not LilyVM's: for names that anybody might
/// give.</param>
internal sealed record CacheKind(string Area, Regex Name, string What, string LockPrefix = "", bool IsRead = false, string Proof = "")
{
    private const string Hash = "[0-9a-f]{16}", Package = "[a-z0-9][a-z0-9.+-]*(_[a-z0-9]+)?";

    // Earlier versions named no architecture.
    private const string Recipe = "(-i386|-amd64|-x86_64)?";

    private const string Build = $"(linux{Recipe}|linux-initrd{Recipe}|linux-source|debian{Recipe}|image|(bench|micro){Recipe}|lab-.+)-{Hash}";

    /// <summary>All of them; the first that fits is taken.</summary>
    internal static readonly IReadOnlyList<CacheKind> All =
    [
        new(GuestCache.Entries, Whole($"linux{Recipe}-{Hash}"), "Linux kernel"),
        new(GuestCache.Entries, Whole($"linux-initrd{Recipe}-{Hash}"), "initial RAM disk of Linux"),
        new(GuestCache.Entries, Whole($"debian{Recipe}-{Hash}"), "Debian disk"),
        new(GuestCache.Entries, Whole($"image-{Hash}"), "container image"),
        new(GuestCache.Entries, Whole($"(bench|micro){Recipe}-{Hash}"), "for the experiment"),
        new(GuestCache.Packages, Whole(Package), "Debian package, unpacked", LockPrefix: "package-", IsRead: true, Proof: "version"),
        new(GuestCache.Sources, Whole($"linux-source-{Hash}"), "kernel source, unpacked", IsRead: true),
        new(GuestCache.Sources, Whole(@"[a-z0-9][a-z0-9.+-]*_[0-9][^_]*\.orig\.tar\.[a-z0-9]+"), "source of a Debian package",
            IsRead: true),
        new(GuestCache.Lab, Whole($"module-.+-{Hash}"), "kernel module for the lab", LockPrefix: "lab-", IsRead: true),
        new(GuestCache.Lab, Whole($"[a-z0-9-]+-{Hash}"), "kernel of the lab", LockPrefix: "lab-", IsRead: true),
        new(GuestCache.Unfinished, Whole($"{Build}|(package|source)-{Package}|awk-part"), "unfinished build"),
        new("work", Whole($"{Build}(-twin)?"), "unfinished build of an earlier version"),
    ];

    /// <summary>The kind of a thing in an area, or null if it is not LilyVM's.</summary>
    internal static CacheKind? Of(string area, string name) => All.FirstOrDefault(k => k.Area == area && k.Name.IsMatch(name));

    private static Regex Whole(string pattern) => new($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);
}
