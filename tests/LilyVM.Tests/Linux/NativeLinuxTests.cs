using System.Diagnostics;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Linux;

/// <summary>The prepared Linux in QEMU, started by the real command, as users meet it where `boot` falls back to QEMU.</summary>
public sealed class NativeLinuxTests : IDisposable
{
    private static readonly string[] Boot = ["boot", "--engine", "native"];

    private readonly TestTerminal terminal = new();
    private ProcessEnd? started;

    public NativeLinuxTests(LinuxFixture linux) => Assert.True(File.Exists(linux.Files.Kernel)); // built, so that the command need not

    public void Dispose()
    {
        started?.Dispose();
        terminal.Dispose();
    }

    [Fact]
    public void A_full_disk_is_told_once_while_the_guest_goes_on()
    {
        using var small = new SmallFileSystem(kibibytes: 2048);
        string image = small["disk.img"], script = small["script"];
        using (FileStream file = File.Create(image))
            file.SetLength(64 << 20);
        File.WriteAllText(script, "dd if=/dev/zero of=/dev/vda bs=64k count=200 conv=fsync 2>/dev/null && echo written\necho goes on\n");
        Command.Result result = Lilyvm.Run("", [.. Boot, "--append", "lilyvm.root=", "--drive", image, "--script", script]);
        Assert.Equal((0, "goes on\n"), (result.Status, result.Output));
        string told = $"lilyvm: The host refused the disk image {image} something: No space left on device; the guest gets I/O errors until there is room.\n";
        Assert.Equal(told, result.Error);
    }

    [Fact]
    public void The_size_of_the_terminal_reaches_the_shell_and_follows()
    {
        terminal.Resize(33, 101);
        Process machine = Start();
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

    [Fact]
    public void Every_typed_line_and_a_long_paste_arrive()
    {
        Process machine = Start();
        foreach (int i in Enumerable.Range(1000, 40))
            terminal.Type($"echo A$(({i}+1))B\r");
        foreach (int i in Enumerable.Range(1001, 40))
            terminal.WaitFor($"A{i}B"); // among what the terminal echoes meanwhile
        string paste = string.Concat(Enumerable.Range(100, 128).Select(i => $"echo {i} 1234567890 1234567890 12345 >>/tmp/p\r")); // 5 KiB
        terminal.Type(paste + "wc -l </tmp/p; md5sum </tmp/p\r");
        terminal.WaitFor("\n128\n");
        Command.Result sum = Command.Run("md5sum", [], string.Concat(Enumerable.Range(100, 128).Select(i => $"{i} 1234567890 1234567890 12345\n")));
        terminal.WaitFor("\n" + sum.Output.Split(' ')[0] + "  -\n");
        terminal.Type("exit\r");
        Assert.Equal(0, machine.WaitForEnd());
    }

    [Fact]
    public void Piped_input_is_for_the_shell_however_much_it_is()
    {
        string much = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i:D6}\n")); // 240,000 bytes: more than the guest's driver holds
        Command.Result result = Lilyvm.Run("md5sum <<'end'\n" + much + "end\necho HEL\"\"LO; exit\n", Boot);
        string sum = Command.Run("md5sum", [], much).Output.Split(' ')[0];
        Assert.Equal(0, result.Status);
        string output = result.Output.Replace("\r", "", StringComparison.Ordinal);
        Assert.Contains($"\n{sum}  -\n", output, StringComparison.Ordinal);
        Assert.Contains("\nHELLO\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("poweroff -f")]
    [InlineData("halt -f")]
    [InlineData("reboot -f")]
    public void A_shell_ends_the_machine(string command)
    {
        Command.Result result = Lilyvm.Run(command + "\n", Boot);
        Assert.Equal((0, ""), (result.Status, result.Error));
    }

    [Fact]
    public void A_panic_is_told()
    {
        Command.Result result = Lilyvm.Run("", [.. Boot, "--append", "rdinit=/nope init=/nope"]);
        Assert.Equal((MachineResult.FailureStatus, "lilyvm: The guest's kernel panicked; its last messages on the console say why.\n"), (result.Status, result.Error));
        Assert.Contains("Kernel panic - not syncing", result.Output, StringComparison.Ordinal);
    }

    private Process Start()
    {
        Process machine = Lilyvm.StartOn(terminal, Boot);
        started = new ProcessEnd(machine);
        terminal.WaitFor("/ # ");
        return machine;
    }
}
