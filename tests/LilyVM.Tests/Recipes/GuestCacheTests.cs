using System.Text.RegularExpressions;
using LilyVM.Cli.Guests;

namespace LilyVM.Tests.Recipes;

public sealed class GuestCacheTests : IDisposable
{
    private readonly ScratchFolder scratch = new();

    private GuestCache Cache => new(scratch["cache"]);

    [Fact]
    public void An_installed_entry_is_found_as_it_was()
    {
        string installed = Install("one", "content");
        Assert.Equal(installed, Cache.TryFind("one"));
        Assert.Equal("content", File.ReadAllText(Path.Combine(installed, "file")));
        Assert.Null(Cache.TryFind("two"));
        Assert.False(Cache.IsDamaged("two"));
    }

    [Theory]
    [InlineData("changed", "c0ntent")]
    [InlineData("shortened", "con")]
    [InlineData("removed", null)]
    public void A_damaged_entry_is_not_found(string name, string? content)
    {
        string file = Path.Combine(Install(name, "content"), "file");
        if (content is null)
            File.Delete(file);
        else
            File.WriteAllText(file, content);
        Assert.Null(Cache.TryFind(name));
        Assert.True(Cache.IsDamaged(name));
        Install(name, "content");
        Assert.NotNull(Cache.TryFind(name));
    }

    [Fact]
    public void An_entry_without_manifest_is_not_found()
    {
        Directory.CreateDirectory(scratch["cache/guests/half"]);
        Assert.Null(Cache.TryFind("half"));
        Assert.True(Cache.IsDamaged("half"));
    }

    [Fact]
    public async Task Who_wants_a_thing_that_another_makes_waits_and_says_for_whom_and_how_long_and_nobody_else_waits()
    {
        using var told = new WatchedWriter();
        var progress = new LineProgress(told) { Silence = TimeSpan.FromMilliseconds(10) };
        Task second;
        using (Cache.Lock("one", progress))
        {
            Cache.Lock("two", progress).Dispose();
            Assert.Equal("", told.ToString());
            second = Task.Run(() => Cache.Lock("one", progress).Dispose(), TestContext.Current.CancellationToken);
            await told.WaitFor(@": \d+ s\n", TestContext.Current.CancellationToken);
            Assert.False(second.IsCompleted);
        }
        await second;
        string me = $"process {Environment.ProcessId} \\({Environment.UserName}: .*\\)";
        Assert.Matches($"^Waiting for {me}, which makes one \\.\\.\\.\n(Waiting for {me}, which makes one: \\d+ s\n)+Waiting for {me}, " +
            "which makes one: done in \\d+ s\n$", told.ToString());
    }

    [Fact]
    public void Unfinished_work_goes_unless_somebody_works_on_it()
    {
        string mine = Cache.WorkDirectory("linux-1"), other = Cache.WorkDirectory("linux-2"), disk = Cache.WorkDirectory("debian-1");
        using (Cache.Lock("linux-1", new LineProgress(TextWriter.Null)))
            Cache.DeleteUnfinished("linux-");
        Assert.True(Directory.Exists(mine));
        Assert.False(Directory.Exists(other));
        Assert.True(Directory.Exists(disk));
        Cache.DeleteUnfinished("linux-");
        Assert.False(Directory.Exists(mine));
    }

    [Fact]
    public void What_only_saves_time_is_not_missed_where_it_cannot_be_written()
    {
        GuestCache.Remember(scratch["none/stamp"], "text");
        GuestCache.Remember(scratch["stamp"], "text");
        Assert.Equal("text", File.ReadAllText(scratch["stamp"]));
        Assert.Equal(["stamp"], Directory.EnumerateFileSystemEntries(scratch.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("plain-1.0_x+y@z", true)]
    [InlineData("with blank", false)]
    [InlineData("with:colon", false)]
    [InlineData("with$dollar", false)]
    [InlineData("with'quote", false)]
    [InlineData("mit-ü", false)]
    public void Kernels_are_built_in_the_cache_where_its_path_is_plain_else_below_var_tmp(string name, bool plain)
    {
        var cache = new GuestCache(scratch[name]);
        string build = cache.BuildDirectory("x");
        try
        {
            Assert.Equal(plain ? scratch[name + "/building/x"] : PlainFolder.StandInFor(cache.Root) + "/building/x", build);
            Assert.True(PlainFolder.IsPlain(build));
            Assert.Equal(build, cache.BuildDirectory("x"));
            Directory.CreateSymbolicLink(scratch["link"], cache.Root);
            Assert.Equal(build, new GuestCache(scratch["link"]).BuildDirectory("x"));
        }
        finally
        {
            if (!plain)
                Directory.Delete(PlainFolder.StandInFor(cache.Root)!, recursive: true);
        }
    }

    [Fact]
    public void A_folder_below_var_tmp_that_others_can_write_is_not_used()
    {
        string folder = PlainFolder.StandInFor(scratch["a b"])!;
        try
        {
            foreach (Action make in (Action[])[() => Directory.CreateDirectory(folder),
                () => Directory.CreateSymbolicLink(folder, scratch.Path)])
            {
                make();
                Assert.EndsWith("is open to others; set LILYVM_CACHE to a folder without blanks and colons in its path.",
                    Assert.Throws<LilyVMException>(() => PlainFolder.Create(scratch["a b"])).Message, StringComparison.Ordinal);
                Directory.Delete(folder);
            }
        }
        finally
        {
            if (Path.Exists(folder))
                Directory.Delete(folder);
        }
    }

    [Fact]
    public void A_cache_that_cannot_be_made_is_a_sentence()
    {
        scratch.Write("file", "");
        var error = Assert.Throws<LilyVMException>(() => new GuestCache(scratch["file/cache"]).WorkDirectory("x"));
        Assert.Matches("^The cache folder .* cannot be made; set LILYVM_CACHE to a folder that you may write\\.$", error.Message);
    }

    [Fact]
    public void Keys_tell_contents_and_their_names_apart()
    {
        static string Key(params (string Name, string Value)[] parts)
        {
            using var key = new CacheKey();
            foreach ((string name, string value) in parts)
                key.Add(name, value);
            return key.ToString();
        }

        Assert.Equal(Key(("a", "1"), ("b", "2")), Key(("a", "1"), ("b", "2")));
        Assert.Distinct([Key(("a", "1"), ("b", "2")), Key(("a", "1"), ("b", "3")), Key(("a", "1b2")), Key(("a", "12")), Key(("a1", "2")),
            Key(("a", ""), ("1", "2"))]);
    }

    public void Dispose() => scratch.Dispose();

    // Written by one thread and read by another.
    private sealed class WatchedWriter : StringWriter
    {
        public override void WriteLine(string? value)
        {
            lock (this)
                base.Write(value + "\n");
        }

        public override string ToString()
        {
            lock (this)
                return base.ToString();
        }

        public async Task WaitFor(string pattern, CancellationToken cancellation)
        {
            while (!Regex.IsMatch(ToString(), pattern))
                await Task.Delay(10, cancellation);
        }
    }

    private string Install(string entry, string content)
    {
        scratch.Write("filled/file", content);
        return Cache.Install(scratch["filled"], entry);
    }
}
