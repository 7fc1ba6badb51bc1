using System.Diagnostics;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Cli;

/// <summary>
/// The command on a real terminal: however it ends, the terminal is as it was before, its exit status tells how, and no stub is left.
/// </summary>
public sealed class RealTerminalTests(GuestBuild build) : TerminalMachineTest
{
    [DirectTheory]
    [InlineData("q", 7, "")]
    [InlineData("f", MachineResult.FailureStatus,
        "lilyvm: The guest crashed: a fault in its fault handlers (triple fault); its last messages on the console may say why.\n")]
    [InlineData("\u0001x", 0, "")]
    public void Keys_end_a_machine(string keys, int status, string sentence)
    {
        byte[] before = Terminal.Mode;
        Process machine = Start();
        Assert.NotEqual(before, Terminal.Mode);
        Terminal.Type($"a{ControlC}b");
        Terminal.WaitFor($"ready\na{ControlC}b");
        Terminal.Type(keys);
        AssertEnded(machine, before, status);
        Assert.Equal($"ready\na{ControlC}b{sentence}", Terminal.Printed); // and no codes for the terminal among it
    }

    [DirectTheory]
    [MemberData(nameof(Ends))]
    public void Signals_end_a_machine(int signal) => AssertEndedBy(signal);

    [DirectFact]
    public void The_monitor_has_a_line_editor_and_leads_back_to_the_guest()
    {
        byte[] before = Terminal.Mode;
        Process machine = Start();
        GoToMonitor(before);
        Terminal.Type("countex\u007frs\n"); // a rubbed-out letter
        Terminal.WaitFor("hypercalls ");
        Terminal.Type("pause\nregisters\n");
        Terminal.WaitFor("eip=");
        Terminal.Type("continue\n");
        TypeInGuest(before, "xyz");
        GoToMonitor(before, "xyz\n");
        Terminal.Type(ControlD.ToString());
        TypeInGuest(before, "again");
        GoToMonitor(before, "again\n");
        Terminal.Type("quit\n");
        AssertEnded(machine, before, 0);
    }

    [DirectFact]
    public void A_lost_terminal_ends_a_machine()
    {
        Process machine = Start();
        Terminal.Dispose();
        Assert.Equal(128 + HangUp, machine.WaitForEnd());
        Lilyvm.AssertGone(Children);
    }

    [DirectTheory]
    [InlineData("template")]
    [InlineData("other")]
    public void A_killed_stub_ends_its_machine_with_a_sentence(string whose)
    {
        byte[] before = Terminal.Mode;
        Process machine = Start();
        Lilyvm.Signal(whose == "template" ? Children[0] : Children[^1], Kill);
        AssertEnded(machine, before, MachineResult.FailureStatus);
        Assert.Equal("ready\nlilyvm: A stub process was ended by signal 9; somebody killed it, or the host ran out of memory.\n",
            Terminal.Printed);
    }

    [DirectFact]
    public void A_killed_machine_leaves_no_stub() => AssertGoneWhenKilled();

    [DirectFact]
    public void A_machine_that_cannot_be_made_does_not_touch_the_terminal()
    {
        byte[] before = Terminal.Mode;
        using Process machine = Lilyvm.StartOn(Terminal, "run", "--kernel", "/nonexistent");
        AssertEnded(machine, before, 1);
        Assert.Equal("lilyvm: Cannot read /nonexistent: there is no such file.\n", Terminal.Printed);
    }

    // A guest that waits for keys with interrupts off.
    private protected override Process Start()
    {
        Process machine = Start(["run", "--kernel", build.ForEngine("typist"), "--memory", "64M"]);
        Assert.True(Children.Count > 1); // the template, which the others are copies of, and the one that runs the guest
        return machine;
    }
}
