using LilyVM.Cli.Commands;
using LilyVM.Cli.Terminal;

namespace LilyVM.Tests.Cli;

public class MachineArgumentsTests
{
    [Theory]
    [InlineData("disk.img", "disk.img", false, false)]
    [InlineData("a,b=c", "a,b=c", false, false)]
    [InlineData("file=disk.img", "disk.img", false, false)]
    [InlineData("file=a,,b,format=raw,readonly=on", "a,b", true, false)]
    [InlineData("format=raw,if=virtio,snapshot=on,readonly=off,file=x", "x", false, true)]
    public void A_drive_is_a_path_or_settings(string text, string path, bool readOnly, bool snapshot) =>
        Assert.Equal(new DriveOptions(path, readOnly, snapshot), DriveArgument.Parse(text));

    [Fact]
    public void A_drive_may_have_a_format_and_a_key() =>
        Assert.Equal(new DriveOptions("x") { Format = "qcow2", KeyFile = "k" }, DriveArgument.Parse("file=x,format=qcow2,keyfile=k"));

    [Theory]
    [InlineData("file=x,cache=none", "'cache=none' in --drive is not understood; there are file, format, readonly, snapshot and keyfile.")]
    [InlineData("file=x,readonly=maybe", "'readonly=maybe' in --drive is neither on nor off.")]
    [InlineData("file=x,readonly", "'readonly' in --drive has no value; write readonly=VALUE.")]
    [InlineData("format=raw", "--drive names no file; write file=PATH.")]
    public void A_wrong_drive_is_named(string text, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<LilyVMException>(() => DriveArgument.Parse(text)).Message);

    [Theory]
    [InlineData("256M", 256L << 20)]
    [InlineData("1g", 1L << 30)]
    [InlineData("64", 64L << 20)]
    [InlineData("65536K", 64L << 20)]
    public void Memory_is_a_number_with_a_unit_or_of_MiB(string text, long bytes) =>
        Assert.Equal(bytes, MachineArguments.ParseMemory(text));

    [Theory]
    [InlineData("")]
    [InlineData("M")]
    [InlineData("-1")]
    [InlineData("1T")]
    [InlineData("99999999999")]
    public void Other_memory_sizes_are_refused(string text) =>
        Assert.Equal($"'{text}' is no memory size; give a number and M or G, such as 256M.",
            Assert.Throws<LilyVMException>(() => MachineArguments.ParseMemory(text)).Message);

    [Fact]
    public void A_console_is_the_terminal_a_pseudoterminal_or_a_file()
    {
        Assert.Equal(ConsoleKind.Standard, ConsoleChoice.Parse("stdio").Kind);
        Assert.Equal(ConsoleKind.Standard, ConsoleChoice.Parse("mon:stdio").Kind);
        Assert.Equal(ConsoleKind.PseudoTerminal, ConsoleChoice.Parse("pty").Kind);
        Assert.Equal(ConsoleKind.None, ConsoleChoice.Parse("none").Kind);
        Assert.Equal(new ConsoleChoice(ConsoleKind.File, "a:b"), ConsoleChoice.Parse("file:a:b"));
        Assert.Equal("'file:' is no console; give stdio, pty, none or file:PATH.",
            Assert.Throws<LilyVMException>(() => ConsoleChoice.Parse("file:")).Message);
    }
}
