using System.Diagnostics;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Cli;

/// <summary>Tests of the command on a real terminal, with a guest that says it is ready and waits for keys.</summary>
public abstract class TerminalMachineTest : IDisposable
{
    private protected const char ControlA = '\u0001', ControlC = '\u0003', ControlD = '\u0004';
    private protected const int HangUp = 1, Interrupt = 2, Quit = 3, Kill = 9, Terminate = 15; // signal(7)

    /// <summary>Signals that end a machine in good order.</summary>
    public static TheoryData<int> Ends { get; } = [HangUp, Interrupt, Quit, Terminate];

    private ProcessEnd? started;

    private protected TestTerminal Terminal { get; } = new();

    /// <summary>The processes that the command has started.</summary>
    private protected List<int> Children { get; set; } = [];

    public virtual void Dispose()
    {
        started?.Dispose();
        Terminal.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the command, whose end is that of the test too, and waits for its guest.</summary>
    private protected Process Start(string[] arguments, params (string Name, string Value)[] environment)
    {
        Process machine = Lilyvm.StartOn(Terminal, arguments, environment);
        started = new ProcessEnd(machine);
        Terminal.WaitFor("ready\n");
        Children = Lilyvm.Stubs(machine.Id);
        return machine;
    }

    /// <summary>Starts the guest of the test.</summary>
    private protected abstract Process Start();

    /// <summary>Nothing can be tidied up then, but nobody stays.</summary>
    private protected void AssertGoneWhenKilled()
    {
        Process machine = Start();
        Lilyvm.Signal(machine.Id, Kill);
        machine.WaitForEnd();
        Lilyvm.WaitUntilGone(Children);
    }

    private protected void AssertEndedBy(int signal)
    {
        byte[] modeBefore = Terminal.Mode;
        Process machine = Start();
        Lilyvm.Signal(machine.Id, signal);
        AssertEnded(machine, modeBefore, 128 + signal);
        Assert.Equal("ready\n", Terminal.Printed);
    }

    private protected virtual void AssertEnded(Process machine, byte[] modeBefore, int status)
    {
        Assert.Equal(status, machine.WaitForEnd());
        Lilyvm.AssertGone(Children);
        Assert.Equal(modeBefore, Terminal.Mode);
    }

    /// <summary>From the guest to the monitor, whose prompt comes behind what stands in the line.</summary>
    private protected void GoToMonitor(byte[] modeBefore, string line = "")
    {
        Terminal.Type($"{ControlA}c");
        Terminal.WaitFor($"{line}(lilyvm) ");
        Assert.Equal(modeBefore, Terminal.Mode);
    }

    /// <summary>Back in the guest, as the terminal's mode tells, types what the guest echoes.</summary>
    private protected void TypeInGuest(byte[] modeBefore, string keys)
    {
        SpinWait.SpinUntil(() => !modeBefore.SequenceEqual(Terminal.Mode));
        Terminal.Type(keys);
        Terminal.WaitFor(keys);
    }
}
