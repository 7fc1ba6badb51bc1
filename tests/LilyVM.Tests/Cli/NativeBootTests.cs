using System.Diagnostics;
using System.Globalization;
using LilyVM.Tests.Native;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Cli;

/// <summary>
/// The real command with a guest in QEMU, on any host: one reader of its input, the terminal as it was, and no QEMU and no file left,
/// however it ends.
/// </summary>
public sealed class NativeBootTests : TerminalMachineTest
{
    private const string NoSpace = "lilyvm: Some of the guest's output is lost: No space left on device.\n";

    private readonly ScratchFolder folder = new();
    private readonly string temporary;

    public NativeBootTests()
    {
        File.WriteAllBytes(folder["kernel"], TypistGuest.Build());
        temporary = folder["temporary"];
        Directory.CreateDirectory(temporary);
    }

    public override void Dispose()
    {
        base.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("q", 7, "")]
    [InlineData("h", 0, "")]
    [InlineData("w", MachineResult.FailureStatus, "lilyvm: The guest's kernel panicked; its last messages on the console say why.\n")]
    [InlineData("\u0001x", 0, "")]
    public void Keys_end_a_machine(string keys, int status, string sentence)
    {
        byte[] before = Terminal.Mode;
        Process machine = Start();
        Assert.NotEqual(before, Terminal.Mode);
        string lines = string.Concat(Enumerable.Range(1000, 40).Select(i => $"line {i}\r")); // of which none may go to somebody else
        Terminal.Type(lines + ControlC);
        string shown = $"ready\n{lines.Replace("\r", "", StringComparison.Ordinal)}{ControlC}";
        Terminal.WaitFor(shown);
        Terminal.Type(keys);
        AssertEnded(machine, before, status);
        Assert.Equal(shown + sentence, Terminal.Printed); // and no codes for the terminal among it
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void Signals_end_a_machine(int signal) => AssertEndedBy(signal);

    [Fact]
    public void A_killed_command_leaves_no_QEMU_and_no_file()
    {
        AssertGoneWhenKilled();
        AssertNothingLeft();
    }

    [Fact]
    public void A_killed_QEMU_is_told()
    {
        byte[] before = Terminal.Mode;
        Process machine = Start();
        Lilyvm.Signal(Children[0], Kill);
        AssertEnded(machine, before, MachineResult.FailureStatus);
        Assert.Equal("ready\nlilyvm: qemu-system-i386 was ended by signal 9; somebody killed it, or the host ran out of memory.\n",
            Terminal.Printed);
    }

    [Fact]
    public void A_paste_arrives_whole()
    {
        byte[] before = Terminal.Mode;
        Process machine = Start();
        string paste = string.Concat(Enumerable.Range(0, 512).Select(i => i.ToString("D9", CultureInfo.InvariantCulture) + ".")); // 5 KiB
        Terminal.Type(paste);
        Terminal.WaitFor("ready\n" + paste);
        Terminal.Type("q");
        AssertEnded(machine, before, 7);
    }

    [Fact]
    public void The_monitor_looks_at_the_machine_and_leads_back_to_the_guest()
    {
        byte[] before = Terminal.Mode;
        Process machine = Start();
        GoToMonitor(before);
        Terminal.Type("counters\npause\nregisters\n");
        Terminal.WaitFor("QEMU, which runs this machine, counts nothing.");
        Terminal.WaitFor("eip=001");
        Terminal.Type("continue\n");
        TypeInGuest(before, "xyz");
        GoToMonitor(before, "xyz\n");
        Terminal.Type(ControlD.ToString());
        SpinWait.SpinUntil(() => !before.SequenceEqual(Terminal.Mode));
        Terminal.Type("q");
        AssertEnded(machine, before, 7);
    }

    [Fact]
    public void Piped_input_arrives_and_its_end_is_not_the_machine_s()
    {
        Command.Result result = Lilyvm.Run("a\u0001xb\u0003q", Boot());
        Assert.Equal((7, "ready\na\u0001xb\u0003", ""), (result.Status, result.Output, result.Error));
        result = Shell($"{{ printf ab; sleep 2; printf dq; }} | \"$@\"", Boot());
        Assert.Equal((7, "ready\nabd", ""), (result.Status, result.Output, result.Error));
    }

    [Fact]
    public void Without_standard_input_a_machine_runs()
    {
        using Process machine = Process.Start(new ProcessStartInfo("sh",
            ["-c", "exec \"$@\" <&-", "sh", .. Lilyvm.CommandLine(Boot())])
        { RedirectStandardOutput = true })!;
        using var end = new ProcessEnd(machine);
        Assert.Equal("ready", machine.StandardOutput.ReadLine());
        Children = Lilyvm.Stubs(machine.Id);
        Lilyvm.Signal(machine.Id, Terminate);
        Assert.Equal(128 + Terminate, machine.WaitForEnd());
        Lilyvm.AssertGone(Children);
    }

    [Fact]
    public void Endless_input_takes_no_memory()
    {
        File.WriteAllBytes(folder["kernel"], TypistGuest.Build(listens: false));
        using Process machine = Process.Start(new ProcessStartInfo("sh",
            ["-c", "exec \"$@\" </dev/zero", "sh", .. Lilyvm.CommandLine(Boot())])
        { RedirectStandardOutput = true })!;
        using var end = new ProcessEnd(machine);
        Assert.Equal("ready", machine.StandardOutput.ReadLine());
        long before = ReadBytes(machine.Id);
        SpinWait.SpinUntil(() => before == (before = ReadBytes(machine.Id)), TimeSpan.FromSeconds(1)); // it stands still at once or never
        Assert.InRange(before, 1, 64 << 20);
        Lilyvm.Signal(machine.Id, Terminate);
        Assert.Equal(128 + Terminate, machine.WaitForEnd());
    }

    [Fact]
    public void Output_that_nobody_can_take_is_told_once()
    {
        Command.Result result = Shell("printf 'abdq' | \"$@\" >/dev/full", Boot());
        Assert.Equal((7, "", NoSpace), (result.Status, result.Output, result.Error));
        result = Shell("{ sleep 2; printf q; } | \"$@\" | head -1", Boot());
        Assert.Equal(("ready\n", ""), (result.Output, result.Error)); // a reader that has enough is no trouble
    }

    [Fact]
    public void A_console_may_be_a_file_of_any_name_or_a_FIFO()
    {
        File.WriteAllBytes(folder["kernel"], TypistGuest.BuildHalting());
        Command.Result run = Lilyvm.Run("", Boot("--console", "file:" + folder["a:b,c"]));
        Assert.Equal((0, "", ""), (run.Status, run.Output, run.Error));
        Assert.Equal("ready\n", File.ReadAllText(folder["a:b,c"]));
        const string Script = "mkfifo \"$0\"; cat \"$0\" & \"$@\"; s=$?; wait; exit $s";
        run = Command.Run("sh", ["-c", Script, folder["fifo"], .. Lilyvm.CommandLine(Boot("--console", "file:" + folder["fifo"]))]);
        Assert.Equal((0, "ready\n", ""), (run.Status, run.Output, run.Error));
    }

    [Fact]
    public void A_missing_folder_for_temporary_files_is_not_needed()
    {
        Command.Result result = Command.Run("env", ["TMPDIR=/nonexistent", .. Lilyvm.CommandLine(Boot())], "q");
        Assert.Equal((7, "ready\n", ""), (result.Status, result.Output, result.Error));
    }

    private static Command.Result Shell(string script, string[] command) =>
        Command.Run("sh", ["-c", script, "sh", .. Lilyvm.CommandLine(command)]);

    // How much it has read so far, all files together.
    private static long ReadBytes(int process) =>
        long.Parse(File.ReadLines($"/proc/{process}/io").First().Split(' ')[1], CultureInfo.InvariantCulture);

    private string[] Boot(params string[] more) =>
        ["boot", "--engine", "native", "--unconverted", "--kernel", folder["kernel"], "--memory", "64M", .. more];

    private protected override Process Start()
    {
        Process machine = Start(Boot(), ("TMPDIR", temporary));
        Assert.Single(Children); // QEMU
        return machine;
    }

    private protected override void AssertEnded(Process machine, byte[] modeBefore, int status)
    {
        base.AssertEnded(machine, modeBefore, status);
        AssertNothingLeft();
    }

    // But for what the runtime of the tests' command, which is not compiled ahead of time, keeps there for debuggers.
    private void AssertNothingLeft() =>
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(temporary),
            f => Path.GetFileName(f).StartsWith("lilyvm", StringComparison.Ordinal));
}
