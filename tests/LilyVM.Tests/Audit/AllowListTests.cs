using LilyVM.Audit;

namespace LilyVM.Tests.Audit;

public class AllowListTests
{
    [Fact]
    public void Reads_entries_and_skips_comments()
    {
        var entries = AllowList.Parse(["# comment", "", "  stop_this_cpu  hlt   only after the last instruction # really",
            "[.altinstr_replacement]\tclac\tmasked"], "f");
        Assert.Equal(
            [new AllowEntry("stop_this_cpu", "hlt", "only after the last instruction # really", 3),
                new AllowEntry("[.altinstr_replacement]", "clac", "masked", 4)],
            entries);
    }

    [Theory]
    [InlineData("stop_this_cpu hlt", "f:1: an entry is a symbol, a mnemonic and a reason")]
    [InlineData("stop_this_cpu", "f:1: an entry is a symbol, a mnemonic and a reason")]
    [InlineData("stop_this_cpu halt because", "f:1: 'halt' is no sensitive instruction")]
    public void An_entry_without_reason_or_with_an_unknown_mnemonic_is_refused(string line, string message)
    {
        Assert.StartsWith(message, Assert.Throws<LilyVMException>(() => AllowList.Parse([line], "f")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        Assert.Contains("/nonexistent", Assert.Throws<LilyVMException>(() => AllowList.Load("/nonexistent")).Message,
            StringComparison.Ordinal);
    }
}
