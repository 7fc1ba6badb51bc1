using System.Diagnostics;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Linux;

/// <summary>The prepared x86-64 Linux, started by the real command, as users meet it: directly, and in QEMU with --engine native.</summary>
public sealed class BootCommandLinuxTests : IDisposable
{
    private const string Direct = "user", Qemu = "native";

    private readonly TestTerminal terminal = new();
    private ProcessEnd? started;

    // built, so that the command need not
    public BootCommandLinuxTests(X64LinuxFixture linux) => Assert.True(File.Exists(linux.Files.Kernel));

    public void Dispose()
    {
        started?.Dispose();
        terminal.Dispose();
    }

    [Theory]
    [InlineData(Direct, "Cannot write the disk image IMAGE: ")]
    [InlineData(Qemu, "The host refused the disk image IMAGE something: ")]
    public void A_full_disk_is_told_once_while_the_guest_goes_on(string engine, string refused)
    {
        using var small = new SmallFileSystem(kibibytes: 2048);
        string image = small["disk.img"], script = small["script"];
        using (FileStream file = File.Create(image))
            file.SetLength(64 << 20);
        File.WriteAllText(script, "dd if=/dev/zero of=/dev/vda bs=64k count=200 conv=fsync 2>/dev/null && echo written\necho goes on\n");
        Command.Result result = Lilyvm.Run("", [.. Boot(engine), "--append", "lilyvm.root=", "--drive", image, "--script", script]);
        Assert.Equal((0, "goes on\n"), (result.Status, result.Output));
        string told = $"lilyvm: {refused.Replace("IMAGE", image, StringComparison.Ordinal)}No space left on device; the guest gets I/O " +
            "errors until there is room.\n";
        Assert.Equal(told, result.Error);
    }

    [Theory]
    [InlineData(Direct)]
    [InlineData(Qemu)]
    public void The_size_of_the_terminal_reaches_the_shell_and_follows(string engine)
    {
        terminal.Resize(33, 101);
        Process machine = Start(engine);
        terminal.Type("stty size\r");
        terminal.WaitFor("\n33 101\n");
        terminal.Resize(44, 102);
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    terminal.Type("stty size\r");
                    Thread.Sleep(500);
                    return terminal.Printed.Contains("\n44 102\n", StringComparison.Ordinal);
                },
                TimeSpan.FromSeconds(60)),
            terminal.Printed);
        terminal.Type("exit\r");
        Assert.Equal(0, machine.WaitForEnd());
    }

    [Theory]
    [InlineData(Direct)]
    [InlineData(Qemu)]
    public void Every_typed_line_and_a_long_paste_arrive(string engine)
    {
        Process machine = Start(engine);
        foreach (int i in Enumerable.Range(1000, 40))
            terminal.Type($"echo A$(({i}+1))B\r");
        foreach (int i in Enumerable.Range(1001, 40))
            terminal.WaitFor($"A{i}B"); // among what the terminal echoes meanwhile
        string paste = string.Concat(Enumerable.Range(100, 128).Select(i => $"echo {i} 1234567890 1234567890 12345 >>/tmp/p\r")); // 5 KiB
        terminal.Type(paste + "wc -l </tmp/p; md5sum </tmp/p\r");
        terminal.WaitFor("\n128\n");
        Command.Result sum = Command.Run(
            "md5sum", [], string.Concat(Enumerable.Range(100, 128).Select(i => $"{i} 1234567890 1234567890 12345\n")));
        terminal.WaitFor("\n" + sum.Output.Split(' ')[0] + "  -\n");
        terminal.Type("exit\r");
        Assert.Equal(0, machine.WaitForEnd());
    }

    [Theory]
    [InlineData(Direct)]
    [InlineData(Qemu)]
    public void Piped_input_is_for_the_shell_however_much_it_is(string engine)
    {
        // 24,000 bytes: more than the guest's terminal holds.
        string much = string.Concat(Enumerable.Range(0, 2000).Select(i => $"line {i:D6}\n"));
        Command.Result result = Lilyvm.Run("md5sum <<'end'\n" + much + "end\necho HEL\"\"LO; exit\n", Boot(engine));
        string sum = Command.Run("md5sum", [], much).Output.Split(' ')[0];
        Assert.Equal(0, result.Status);
        string output = result.Output.Replace("\r", "", StringComparison.Ordinal);
        Assert.Contains($"\n{sum}  -\n", output, StringComparison.Ordinal);
        Assert.Contains("\nHELLO\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Direct, "poweroff -f")]
    [InlineData(Direct, "halt -f")]
    [InlineData(Direct, "reboot -f")]
    [InlineData(Qemu, "poweroff -f")]
    [InlineData(Qemu, "halt -f")]
    [InlineData(Qemu, "reboot -f")]
    public void A_shell_ends_the_machine(string engine, string command)
    {
        Command.Result result = Lilyvm.Run(command + "\n", Boot(engine));
        Assert.Equal((0, ""), (result.Status, result.Error));
    }

    [Theory]
    [InlineData(Direct)]
    [InlineData(Qemu)]
    public void A_panic_is_told(string engine)
    {
        Command.Result result = Lilyvm.Run("", [.. Boot(engine), "--append", "rdinit=/nope init=/nope"]);
        Assert.Equal((MachineResult.FailureStatus, "lilyvm: The guest's kernel panicked; its last messages on the console say why.\n"),
            (result.Status, result.Error));
        Assert.Contains("Kernel panic - not syncing", result.Output, StringComparison.Ordinal);
    }

    // The monitor, Ctrl-C, which is the guest's, and the key that ends the machine; then the terminal is as it was.
    [Fact]
    public void Keys_work_and_registers_and_counters_are_those_of_a_64_bit_machine()
    {
        const char ControlA = '\u0001', ControlC = '\u0003';
        byte[] before = terminal.Mode;
        Process machine = Start(Direct);
        terminal.Type("sh -c 'echo sl$((6 * 7))p; exec sleep 1000'\r");
        terminal.WaitFor("\nsl42p\n"); // the line editor has let the terminal go, and this program has it: now Ctrl-C is a signal to it
        terminal.Type($"{ControlC}");
        terminal.Type("echo st$((6 * 7))ll\r");
        terminal.WaitFor("\nst42ll\n");
        terminal.Type($"{ControlA}c");
        terminal.WaitFor("(lilyvm) ");
        terminal.Type("registers\n");
        terminal.WaitFor(" r15=");
        terminal.WaitFor("rip=");
        terminal.Type("counters\n");
        terminal.WaitFor("system-calls-patched ");
        terminal.WaitFor("\n(lilyvm) ");
        Assert.DoesNotContain("ldt-writes", terminal.Printed, StringComparison.Ordinal); // of IA-32 guests
        terminal.Type("continue\n");
        SpinWait.SpinUntil(() => !before.SequenceEqual(terminal.Mode));
        terminal.Type("echo wi$((6 * 7))der\r");
        terminal.WaitFor("\nwi42der\n");
        List<int> stubs = Lilyvm.Stubs(machine.Id);
        Assert.NotEmpty(stubs);
        terminal.Type($"{ControlA}x");
        Assert.Equal(0, machine.WaitForEnd());
        Lilyvm.AssertGone(stubs);
        Assert.Equal(before, terminal.Mode);
    }

    private static string[] Boot(string engine) => ["boot", "--engine", engine];

    private Process Start(string engine)
    {
        Process machine = Lilyvm.StartOn(terminal, Boot(engine));
        started = new ProcessEnd(machine);
        terminal.WaitFor("/ # ");
        return machine;
    }
}
