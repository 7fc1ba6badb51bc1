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
    public async Task The_lock_lets_one_in_at_a_time()
    {
        var waits = new TaskCompletionSource();
        Task second;
        using (Cache.Lock(() => Assert.Fail("nobody else has the lock")))
        {
            Cache.Lock(() => Assert.Fail("nobody makes that thing"), "thing.").Dispose();
            second = Task.Run(() => Cache.Lock(waits.SetResult).Dispose(), TestContext.Current.CancellationToken);
            await waits.Task;
            Assert.False(second.IsCompleted);
        }
        await second;
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
        Assert.Distinct([Key(("a", "1"), ("b", "2")), Key(("a", "1"), ("b", "3")), Key(("a", "1b2")), Key(("a", "12")), Key(("a1", "2")), Key(("a", ""), ("1", "2"))]);
    }

    public void Dispose() => scratch.Dispose();

    private string Install(string entry, string content)
    {
        scratch.Write("filled/file", content);
        return Cache.Install(scratch["filled"], entry);
    }
}
