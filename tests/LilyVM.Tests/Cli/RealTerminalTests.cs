using System.Diagnostics;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Cli;

/// <summary>The command on a real terminal: however it ends, the terminal is as it was before, its exit status tells how, and no stub is left.</summary>
public sealed class RealTerminalTests(GuestBuild build) : IDisposable
{
    private const char ControlA = '\u0001', ControlC = '\u0003', ControlD = '\u0004';
    private const int HangUp = 1, Interrupt = 2, Quit = 3, Kill = 9, Terminate = 15; // signal(7)

    private readonly TestTerminal terminal = new();
    private ProcessEnd? started;
    private List<int> stubs = [];

    public void Dispose()
    {
        started?.Dispose();
        terminal.Dispose();
    }

    [DirectTheory]
    [InlineData("q", 7, "")]
    [InlineData("f", MachineResult.FailureStatus, "lilyvm: The guest crashed: a fault in its fault handlers (triple fault); its last messages on the console may say why.\n")]
    [InlineData("\u0001x", 0, "")]
    public void Keys_end_a_machine(string keys, int status, string sentence)
    {
        byte[] before = terminal.Mode;
        Process machine = Start();
        Assert.NotEqual(before, terminal.Mode);
        terminal.Type($"a{ControlC}b");
        terminal.WaitFor($"ready\na{ControlC}b");
        terminal.Type(keys);
        AssertEnded(machine, before, status);
        Assert.Equal($"ready\na{ControlC}b{sentence}", terminal.Printed); // and no codes for the terminal among it
    }

    [DirectTheory]
    [InlineData(HangUp)]
    [InlineData(Interrupt)]
    [InlineData(Quit)]
    [InlineData(Terminate)]
    public void Signals_end_a_machine(int signal)
    {
        byte[] before = terminal.Mode;
        Process machine = Start();
        Lilyvm.Signal(machine.Id, signal);
        AssertEnded(machine, before, 128 + signal);
        Assert.Equal("ready\n", terminal.Printed);
    }

    [DirectFact]
    public void The_monitor_has_a_line_editor_and_leads_back_to_the_guest()
    {
        byte[] before = terminal.Mode;
        Process machine = Start();
        terminal.Type($"{ControlA}c");
        terminal.WaitFor("(lilyvm) ");
        Assert.Equal(before, terminal.Mode);
        terminal.Type("countex\u007frs\n"); // a rubbed-out letter
        terminal.WaitFor("hypercalls ");
        terminal.Type("pause\nregisters\n");
        terminal.WaitFor("eip=");
        terminal.Type("continue\n");
        SpinWait.SpinUntil(() => !before.SequenceEqual(terminal.Mode));
        terminal.Type("xyz");
        terminal.WaitFor("xyz");
        terminal.Type($"{ControlA}c");
        terminal.WaitFor("xyz\n(lilyvm) ");
        terminal.Type(ControlD.ToString());
        SpinWait.SpinUntil(() => !before.SequenceEqual(terminal.Mode));
        terminal.Type("again");
        terminal.WaitFor("again");
        terminal.Type($"{ControlA}c");
        terminal.WaitFor("again\n(lilyvm) ");
        terminal.Type("quit\n");
        AssertEnded(machine, before, 0);
    }

    [DirectFact]
    public void A_lost_terminal_ends_a_machine()
    {
        Process machine = Start();
        terminal.Dispose();
        Assert.Equal(128 + HangUp, machine.WaitForEnd());
        Lilyvm.AssertGone(stubs);
    }

    [DirectTheory]
    [InlineData("template")]
    [InlineData("other")]
    public void A_killed_stub_ends_its_machine_with_a_sentence(string whose)
    {
        byte[] before = terminal.Mode;
        Process machine = Start();
        Lilyvm.Signal(whose == "template" ? stubs[0] : stubs[^1], Kill);
        AssertEnded(machine, before, MachineResult.FailureStatus);
        Assert.Equal("ready\nlilyvm: A stub process was ended by signal 9; somebody killed it, or the host ran out of memory.\n", terminal.Printed);
    }

    [DirectFact]
    public void A_killed_machine_leaves_no_stub()
    {
        Process machine = Start();
        Lilyvm.Signal(machine.Id, Kill);
        machine.WaitForEnd();
        Lilyvm.WaitUntilGone(stubs);
    }

    [DirectFact]
    public void A_machine_that_cannot_be_made_does_not_touch_the_terminal()
    {
        byte[] before = terminal.Mode;
        using Process machine = Lilyvm.StartOn(terminal, "run", "--kernel", "/nonexistent");
        AssertEnded(machine, before, 1);
        Assert.Equal("lilyvm: Cannot read /nonexistent: there is no such file.\n", terminal.Printed);
    }

    // A guest that waits for keys with interrupts off.
    private Process Start()
    {
        Process machine = Lilyvm.StartOn(terminal, "run", "--kernel", build.ForEngine("typist"), "--memory", "64M");
        started = new ProcessEnd(machine);
        terminal.WaitFor("ready\n");
        stubs = Lilyvm.Stubs(machine.Id);
        Assert.True(stubs.Count > 1); // the template, which the others are copies of, and the one that runs the guest
        return machine;
    }

    private void AssertEnded(Process machine, byte[] modeBefore, int status)
    {
        Assert.Equal(status, machine.WaitForEnd());
        Lilyvm.AssertGone(stubs);
        Assert.Equal(modeBefore, terminal.Mode);
    }
}
