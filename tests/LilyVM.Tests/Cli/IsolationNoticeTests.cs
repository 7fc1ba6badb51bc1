using System.Diagnostics;
using LilyVM.Tests.Engines;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Cli;

/// <summary>What isolation was chosen by itself is said to somebody at a terminal, and to nobody else.</summary>
public sealed class IsolationNoticeTests(X64GuestBuild build) : TerminalMachineTest
{
    private const string Head = "efer at head=00000501\n", Ready = Head + "ready\n";
    private const int FailureStatus = 1;

    [Theory]
    [InlineData("auto")]
    [InlineData("none")]
    [InlineData("process")]
    public void A_terminal_is_told_what_auto_chose(string level)
    {
        Process machine = Start(level);
        Assert.Equal((level == "auto" ? $"lilyvm: {HostProbe.Isolation()}\n" : "") + Ready, Terminal.Printed);
        Lilyvm.Signal(machine.Id, Terminate);
        Assert.Equal(128 + Terminate, machine.WaitForEnd());
    }

    [Fact]
    public void A_script_is_not()
    {
        Command.Result result = Lilyvm.Run("", "run", "--kernel", build.Linked("cpuid"), "--memory", "64M");
        Assert.Equal((0, ""), (result.Status, result.Error));
    }

    [Theory]
    [InlineData("lilyvm: --isolation is for x86-64 guests: ", "boot", "--arch", "i386", "--isolation", "none")]
    [InlineData("lilyvm: --isolation does not work with --engine native; ", "boot", "--engine", "native", "--isolation", "none")]
    public void What_there_is_not_is_refused_before_a_guest_is_built(string sentence, params string[] arguments)
    {
        string kernel = arguments.Contains("GUEST") ? build.Linked("cpuid") : "";
        (int status, string output, string errors) = CommandLineTests.Run([.. arguments.Select(a => a == "GUEST" ? kernel : a)]);
        Assert.Equal((FailureStatus, ""), (status, output));
        Assert.StartsWith(sentence, errors, StringComparison.Ordinal);
        Assert.Equal(1, errors.Count(c => c == '\n'));
    }

    private protected override Process Start() => Start("auto");

    private Process Start(string level) =>
        Start(["run", "--kernel", build.Linked(Trespasses.Guest), "--memory", "64M", "--isolation", level]);
}
