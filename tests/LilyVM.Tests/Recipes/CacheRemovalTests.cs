using LilyVM.Cli.Cache;
using LilyVM.Cli.Guests;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Recipes;

/// <summary>lilyvm cache: what it finds, what it removes, and all that it must leave alone.</summary>
public sealed class CacheRemovalTests : IDisposable
{
    private const string Key = "0123456789abcdef";

    private static readonly string[] Things =
    [
        $"guests/linux-{Key}/vmlinux", $"guests/linux-initrd-{Key}/initrd.cpio", $"packages/busybox-static_i386/version",
        $"sources/linux-source-{Key}/Makefile",
        "sources/gawk_5.2.1.orig.tar.xz", $"lab/cloud-amd64-{Key}/boot/vmlinuz", $"building/debian-{Key}/build.log",
        $"building/package-runsc/x.deb",
        $"work/linux-{Key}-twin/build/.config", $"guests/linux-x86_64-{Key}/vmlinux", $"guests/linux-initrd-x86_64-{Key}/initrd.cpio",
        $"guests/debian-amd64-{Key}/disk.ext4", $"building/linux-i386-{Key}/plain/build.log",
    ];

    // In a folder that a user may have named as cache by mistake.
    private static readonly string[] Strange =
        ["work/report.txt", "work/thesis/chapter", "packages.txt", "guests/list", "sources/linux/Makefile", "lab/notes-2024", "other/file",
            "packages/parcel/letter"];

    private readonly ScratchFolder scratch = new();
    private readonly GuestCache cache;

    public CacheRemovalTests()
    {
        cache = new GuestCache(scratch["cache"]);
        foreach (string file in (string[])[.. Things, .. Strange])
            scratch.Write("cache/" + file, file);
    }

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void Everything_of_lilyvm_is_shown_with_its_size_and_goes_and_nothing_else_does()
    {
        scratch.Write("outside/file", "");
        File.CreateSymbolicLink(scratch[$"cache/guests/linux-{Key}/link"], scratch["outside"]);
        File.CreateSymbolicLink(scratch[$"cache/guests/debian-{Key}"], scratch["outside"]);
        Command.Result shown = Run("cache");
        Assert.Equal((0, ""), (shown.Status, shown.Error));
        Assert.StartsWith(scratch["cache"] + "\n", shown.Output, StringComparison.Ordinal);
        string[] names = [.. Things.Select(t => string.Join('/', t.Split('/').Take(2))), $"guests/debian-{Key}"];
        Assert.All(names, name => Assert.Matches($@"\n  {name} +[0-9.]+ [KM]iB  \w", shown.Output));
        Assert.Equal(names.Length + 2, shown.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        Command.Result removed = Run("cache", "remove", "--all");
        Assert.Equal((0, ""), (removed.Status, removed.Error));
        Assert.Empty(CacheItem.List(cache));
        Assert.All(names, name => Assert.False(Path.Exists(scratch["cache/" + name])));
        Assert.All(Strange, file => Assert.Equal(file, File.ReadAllText(scratch["cache/" + file])));
        Assert.True(File.Exists(scratch["outside/file"]));
        Assert.Equal(scratch["cache"] + " holds nothing.\n", Run("cache").Output);
    }

    [Fact]
    public void Names_are_those_shown_and_a_wrong_one_removes_nothing()
    {
        Command.Result wrong = Run("cache", "remove", $"linux-{Key}", "thesis");
        Assert.Equal((1, "", $"lilyvm: The cache {scratch["cache"]} holds no 'thesis'; `lilyvm cache` shows what it holds.\n"),
            (wrong.Status, wrong.Output, wrong.Error));
        Assert.Equal(2, Run("cache", "remove").Status);
        Assert.Equal(2, Run("cache", "remove", "--all", $"linux-{Key}").Status);
        Assert.Equal(Things.Length, CacheItem.List(cache).Count);

        Command.Result right = Run("cache", "remove", $"guests/linux-{Key}", "package-runsc");
        Assert.Matches($@"^guests/linux-{Key} is removed \(.*\)\.\nbuilding/package-runsc is removed \(.*\)\.\n$", right.Output);
        Assert.Equal(Things.Length - 2, CacheItem.List(cache).Count);
    }

    [Fact]
    public void What_a_build_makes_or_reads_stays_and_it_says_whose_build()
    {
        using (cache.Lock($"debian-{Key}", new LineProgress(TextWriter.Null)))
        {
            string[] staying =
            [
                .. CacheItem.List(cache).Select(i => (i.Name, User: new CacheRemoval(cache).TryRemove(i))).Where(r => r.User is not null)
                    .Select(r => $"{r.Name}: {r.User}"),
            ];
            string me = $"process {Environment.ProcessId} \\({Environment.UserName}: .*\\)";
            Assert.Collection(
                staying,
                line => Assert.Matches($"^packages/busybox-static_i386: {me} may be reading it$", line),
                line => Assert.Matches($"^sources/gawk_5.2.1.orig.tar.xz: {me} may be reading it$", line),
                line => Assert.Matches($"^sources/linux-source-{Key}: {me} may be reading it$", line),
                line => Assert.Matches($"^lab/cloud-amd64-{Key}: {me} may be reading it$", line),
                line => Assert.Matches($"^building/debian-{Key}: {me} is making it$", line));
            Assert.Equal(me.Length > 0, new CacheRemoval(cache).MakerOf(CacheItem.List(cache)[^1]) is not null);
            Assert.Equal(1, Run("cache", "remove", "--all").Status);
        }
        Assert.Equal(0, Run("cache", "remove", "--all").Status);
        Assert.Empty(CacheItem.List(cache));
    }

    [Fact]
    public void An_area_that_is_a_link_leads_out_of_the_cache_and_is_left_alone()
    {
        scratch.Write($"elsewhere/debian-{Key}/disk.ext4", "");
        Directory.Delete(scratch["cache/guests"], recursive: true);
        File.CreateSymbolicLink(scratch["cache/guests"], scratch["elsewhere"]);
        Assert.Equal(0, Run("cache", "remove", "--all").Status);
        Assert.True(File.Exists(scratch[$"elsewhere/debian-{Key}/disk.ext4"]));
    }

    [Fact]
    public void A_removal_that_was_interrupted_is_finished_by_the_next()
    {
        Directory.Move(scratch[$"cache/guests/linux-{Key}"], scratch[$"cache/guests/.linux-{Key}.old"]);
        Assert.Equal(0, Run("cache", "remove", "--all").Status);
        Assert.Empty(Directory.EnumerateDirectories(scratch["cache/guests"]));
    }

    private Command.Result Run(params string[] arguments) => Command.Run(
        Lilyvm.CommandLine()[0],
        [.. Lilyvm.CommandLine(arguments).Skip(1)],
        environment: new Dictionary<string, string> { ["LILYVM_CACHE"] = scratch["cache"] });
}
