using LilyVM.Cli.Commands;

namespace LilyVM.Tests.Cli;

public sealed class ShareArgumentTests
{
    [Theory]
    [InlineData("/srv/data", "/srv/data", "data", false)]
    [InlineData("/srv/data/", "/srv/data/", "data", false)]
    [InlineData("/", "/", "root", false)]
    [InlineData(".:/work", ".", "/work", false)]
    [InlineData("/srv/data:d,readonly", "/srv/data", "d", true)]
    [InlineData("/srv/data,readonly", "/srv/data", "data", true)]
    [InlineData("/srv/a:b:c", "/srv/a:b", "c", false)]
    [InlineData("/srv/a,b:c,d", "/srv/a,b", "c,d", false)]
    public void What_counts_stands_at_the_end(string text, string folder, string tag, bool isReadOnly) =>
        Assert.Equal(new ShareOptions(folder, tag, isReadOnly), ShareArgument.Parse(text));
}
