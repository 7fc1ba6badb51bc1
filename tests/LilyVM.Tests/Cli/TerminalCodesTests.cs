using System.Diagnostics;
using System.Text.RegularExpressions;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Cli;

/// <summary>
/// Commands on a terminal leave its modes, and send it no codes that change them (RealTerminalTests and NativeBootTests for machines).
/// </summary>
public sealed partial class TerminalCodesTests : IDisposable
{
    private readonly TestTerminal terminal = new();

    public void Dispose() => terminal.Dispose();

    [Theory]
    [InlineData("--help")]
    [InlineData("boot --help")]
    [InlineData("--version")]
    [InlineData("doctor")]
    [InlineData("convert --rules")]
    [InlineData("audit /nonexistent")]
    [InlineData("nonsense")]
    [InlineData("guest path linux config")]
    public void No_codes_that_change_a_terminal_are_printed(string words)
    {
        byte[] before = terminal.Mode;
        using Process command = Lilyvm.StartOn(terminal, words.Split(' '));
        command.WaitForEnd();
        Assert.Equal(before, terminal.Mode);
        Assert.True(SpinWait.SpinUntil(() => terminal.Printed.Length > 0, TimeSpan.FromSeconds(10)));
        Assert.DoesNotMatch("\u001b(?!\\[[0-9;]*m)", terminal.Printed); // colours are not modes
    }

    // System.Console sends them as soon as it is asked for anything but a redirected stream.
    [Fact]
    public void No_part_of_the_command_uses_System_Console()
    {
        string[] users =
        [
            .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "LilyVM.Cli"), "*.cs", SearchOption.AllDirectories)
                .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
                .Where(f => File.ReadLines(f).Any(line => ConsoleMember().IsMatch(line))),
        ];
        Assert.Empty(users);
    }

    // Not "the console" in a comment, nor a property of that name.
    [GeneratedRegex(@"(?<![\w.])(System\.)?Console\.(Out|Error|In|Open|Write|Read|Is|Window|Buffer|Cursor|Set|Cancel|Clear)")]
    private static partial Regex ConsoleMember();
}
