using LilyVM.Cli.Guests;

namespace LilyVM.Tests.Recipes;

public class LinuxConfigurationTests
{
    private static readonly string[] Configuration =
        ["# comment", "CONFIG_A=y", "CONFIG_B=0x1000", "CONFIG_NAME=\"a=b\"", "# CONFIG_C is not set", "CONFIG_D=n"];

    [Fact]
    public void A_fragment_that_took_effect_passes() =>
        LinuxConfiguration.RequireTakenOver(["", "# text", "CONFIG_A=y", "CONFIG_B=0x1000", "CONFIG_NAME=\"a=b\"", "# CONFIG_C is not set",
            "# CONFIG_UNKNOWN is not set"], Configuration, "f");

    [Theory]
    [InlineData("CONFIG_A=m", "CONFIG_A=y instead of m")]
    [InlineData("CONFIG_B=0x2000", "CONFIG_B=0x1000 instead of 0x2000")]
    [InlineData("CONFIG_UNKNOWN=y", "CONFIG_UNKNOWN=n instead of y")]
    [InlineData("CONFIG_C=y", "CONFIG_C=n instead of y")]
    [InlineData("# CONFIG_A is not set", "CONFIG_A=y instead of n")]
    public void A_line_that_did_not_take_effect_is_named(string line, string problem)
    {
        var error = Assert.Throws<LilyVMException>(() => LinuxConfiguration.RequireTakenOver(["# first", line], Configuration,
            "kernel.config"));
        Assert.Equal($"kernel.config:2: the kernel configuration has {problem}; add what it depends on or remove the line.", error.Message);
    }
}
