using LilyVM.Cli.Guests;

namespace LilyVM.Tests.Recipes;

public sealed class CacheLocationTests : ScratchTest
{
    [Fact]
    public void Its_own_variable_goes_before_XDG_CACHE_HOME_and_that_before_HOME()
    {
        Assert.Equal("/own", Find(own: "/own", xdg: "/xdg", home: Scratch.Path));
        Assert.Equal(Path.GetFullPath("own"), Find(own: "own", xdg: "/xdg", home: Scratch.Path));
        Assert.Equal("/xdg/lilyvm", Find(own: "", xdg: "/xdg", home: Scratch.Path));
        Assert.Equal("/xdg/lilyvm", Find(xdg: "/xdg", home: "/does/not/exist"));
        Assert.Equal(Scratch[".cache/lilyvm"], Find(xdg: "", home: Scratch.Path));
    }

    [Fact]
    public void A_relative_XDG_CACHE_HOME_is_ignored_as_the_specification_says() =>
        Assert.Equal(Scratch[".cache/lilyvm"], Find(xdg: "caches", home: Scratch.Path));

    [Theory]
    [InlineData("/does/not/exist")]
    [InlineData("/dev/null")]
    [InlineData(".")]
    public void A_home_that_is_no_folder_is_a_sentence(string home)
    {
        var error = Assert.Throws<LilyVMException>(() => Find(home: home));
        Assert.Equal($"The home folder {home}, where the cache would be, is not a folder; set LILYVM_CACHE to a folder for " +
            "prepared guests.", error.Message);
    }

    private static string Find(string? own = null, string? xdg = null, string? home = null) => CacheLocation.Find(name => name switch
    {
        "LILYVM_CACHE" => own,
        "XDG_CACHE_HOME" => xdg,
        "HOME" => home,
        _ => throw new InvalidOperationException(name),
    });
}
