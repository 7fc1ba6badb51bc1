using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using LilyVM.Boot;
using LilyVM.Cli.Terminal;
using LilyVM.Engines.User;
using LilyVM.Hypervisor.Shared.User;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Linux;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Cli;

/// <summary>The real command without a terminal: pipes, files, pseudoterminals, and the words that users bring along from QEMU.</summary>
public sealed partial class RealRunTests(GuestBuild build, LinuxFixture linux) : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [DirectFact]
    public void On_pipes_all_that_is_typed_goes_to_the_guest_and_only_its_output_comes_out()
    {
        Command.Result result = Lilyvm.Run("a\u0001xb\u0003q", Typist());
        Assert.Equal((7, "ready\na\u0001xb\u0003", ""), (result.Status, result.Output, result.Error));
    }

    [DirectFact]
    public void The_end_of_the_input_is_not_the_machine_s()
    {
        using Process machine = Process.Start(new ProcessStartInfo(Lilyvm.CommandLine()[0], Lilyvm.CommandLine(Typist())[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        using var end = new ProcessEnd(machine);
        machine.StandardInput.Close();
        Assert.Equal("ready", machine.StandardOutput.ReadLine());
        List<int> stubs = Lilyvm.Stubs(machine.Id);
        Assert.NotEmpty(stubs); // it waits for keys that do not come
        Lilyvm.Signal(machine.Id, 15);
        Assert.Equal(128 + 15, machine.WaitForEnd());
        Lilyvm.AssertGone(stubs);
    }

    [DirectFact]
    public void A_second_signal_ends_a_machine_whose_output_nobody_takes()
    {
        const int SetPipeSize = 1031, PipeSize = 4096, Terminate = 15;
        using Process machine = Process.Start(new ProcessStartInfo(Lilyvm.CommandLine()[0], Lilyvm.CommandLine(Typist())[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        using var end = new ProcessEnd(machine);
        int output = (int)((AnonymousPipeClientStream)machine.StandardOutput.BaseStream).SafePipeHandle.DangerousGetHandle();
        Assert.Equal(PipeSize, HostCalls.Control(output, SetPipeSize, PipeSize));
        machine.StandardInput.Write(new string('a', 3 * PipeSize));
        machine.StandardInput.Flush();
        for (int before = 0, now; (now = Waiting(output)) == 0 || now != before; before = now)
            Thread.Sleep(300); // until no more comes, as the pipe is full
        List<int> stubs = Lilyvm.Stubs(machine.Id);
        Lilyvm.Signal(machine.Id, Terminate);
        Assert.False(machine.WaitForExit(100));
        Lilyvm.Signal(machine.Id, Terminate);
        Assert.Equal(128 + Terminate, machine.WaitForEnd());
        Lilyvm.AssertGone(stubs);
    }

    [DirectFact]
    public void Counters_come_as_JSON_or_as_a_table_beside_the_output()
    {
        string[] names = [.. Enum.GetValues<Counter>().Where(c => c != Counter.Count && UserGuest.Of(GuestArchitecture.Ia32).Counts(c))
            .Select(c => CounterName.Of(c.ToString())), "stubs", "unknown-msrs"];
        Command.Result result = Lilyvm.Run("q", Typist("--counters=json"));
        Assert.Equal((7, "ready\n"), (result.Status, result.Output));
        using JsonDocument json = JsonDocument.Parse(result.Error);
        Assert.Equal(names, json.RootElement.EnumerateObject().Select(c => c.Name));
        Assert.All(json.RootElement.EnumerateObject(), c => c.Value.GetUInt64());
        Assert.True(json.RootElement.GetProperty("hypercalls").GetUInt64() > 0);

        result = Lilyvm.Run("q", Typist("--counters"));
        Assert.Equal((7, "ready\n"), (result.Status, result.Output));
        Assert.Equal(names, result.Error.TrimEnd('\n').Split('\n').Select(l => Regex.Match(l, "^([a-z0-9-]+) +[0-9,]+$").Groups[1].Value));
    }

    [DirectFact]
    public void A_console_may_be_a_file()
    {
        Command.Result result = Lilyvm.Run("", "run", "--kernel", build.ForEngine("cpuid"), "--console", "file:" + folder["console"]);
        Assert.Equal((0, "", ""), (result.Status, result.Output, result.Error));
        Assert.EndsWith("\nOK\n", File.ReadAllText(folder["console"]), StringComparison.Ordinal);
        result = Lilyvm.Run("", "run", "--kernel", build.ForEngine("cpuid"), "--console", "file:/nonexistent/console");
        Assert.Equal((1, "", "lilyvm: Cannot write the console to /nonexistent/console: there is no such folder.\n"),
            (result.Status, result.Output, result.Error));
    }

    [DirectFact]
    public void Output_that_nobody_can_take_is_told()
    {
        foreach ((string console, string redirection) in ((string, string)[])[("stdio", ">/dev/full"), ("file:/dev/full", "")])
        {
            Command.Result result = Command.Run(
                "sh", ["-c", $"\"$@\" {redirection}", "sh",
                    .. Lilyvm.CommandLine("run", "--kernel", build.ForEngine("cpuid"), "--console", console)]);
            Assert.Equal(MachineResult.FailureStatus, result.Status);
            Assert.Matches("^lilyvm: Some of the guest's output is lost: No space left on device( : '/dev/full')?\\.\n$", result.Error);
        }
    }

    [DirectFact]
    public void A_console_may_be_a_pseudoterminal_to_attach_to()
    {
        // As a service does: the leader of a session without a terminal, which this one must not become.
        using Process machine = Process.Start(new ProcessStartInfo("setsid", Lilyvm.CommandLine(Typist("--console", "pty")))
        {
            RedirectStandardError = true,
        })!;
        using var end = new ProcessEnd(machine);
        Match name = Regex.Match(machine.StandardError.ReadLine()!, "^lilyvm: the console is (/dev/pts/[0-9]+)$");
        Assert.True(name.Success);
        using var terminal = new FileStream(TerminalPair.Open(name.Groups[1].Value), FileAccess.ReadWrite, bufferSize: 0);
        byte[] printed = new byte[7];
        terminal.ReadExactly(printed, 0, 6); // what the guest printed before somebody came
        terminal.Write("x"u8);
        terminal.ReadExactly(printed, 6, 1);
        Assert.Equal("ready\nx"u8, printed);
        terminal.Write("q"u8);
        Assert.Equal(7, machine.WaitForEnd());
    }

    [DirectFact]
    public void A_drive_belongs_to_one_machine_that_writes()
    {
        string disk = folder.Write("disk", new string('x', 4096));
        using Process writer = Process.Start(new ProcessStartInfo(Lilyvm.CommandLine()[0], Lilyvm.CommandLine(Typist("--drive", disk))[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        using var end = new ProcessEnd(writer);
        Assert.Equal("ready", writer.StandardOutput.ReadLine());
        foreach (string drive in (string[])[disk, $"file={disk},readonly=on", $"file={disk},snapshot=on"])
        {
            Command.Result second = Lilyvm.Run("q", Typist("--drive", drive));
            string sentence = $"lilyvm: The disk image {disk} is in use by another machine: end that one, or open it in both as " +
                "read-only or as a snapshot.\n";
            Assert.Equal((1, "", sentence), (second.Status, second.Output, second.Error));
        }
        writer.StandardInput.Write('q');
        writer.StandardInput.Close();
        Assert.Equal(7, writer.WaitForEnd());
        Assert.Equal(7, Lilyvm.Run("q", Typist("--drive", disk)).Status); // nothing of the lock is left
    }

    [DirectFact]
    public void QEMU_s_words_make_the_machine_that_they_mean()
    {
        string disk = folder.Write("disk", new string('x', 8 * 512)), console = folder["console"];
        Command.Result result = Lilyvm.Run(
            "", "run", "-kernel", linux.Files.Kernel, "-initrd", linux.Files.Initrd, "-append", "loglevel=7 lilyvm.run=nothing", "-m", "80",
                "-nographic",
            "-drive", $"file={disk},format=raw,if=virtio,readonly=on", "-serial", "file:" + console, "--engine", "user");
        Assert.Equal((0, "", ""), (result.Status, result.Output, result.Error));
        string text = File.ReadAllText(console);
        Assert.Matches(@"Kernel command line: .* loglevel=7 lilyvm\.run=nothing", text);
        Assert.Matches(@"Memory: [0-9]+K/81[0-9]{3}K available", text); // 80 MiB less the PC's hole
        Assert.Contains("[vda] 8 512-byte logical blocks", text, StringComparison.Ordinal);
        Assert.Contains("lilyvm: nothing ended with status 0", text, StringComparison.Ordinal);
        // CPUID tells Linux why there are no counters
        Assert.DoesNotContain("Failed to access perfctr msr", text, StringComparison.Ordinal);
        Assert.Equal(new string('x', 8 * 512), File.ReadAllText(disk));
    }

    [DirectFact]
    public void A_panic_is_told()
    {
        Command.Result result = Lilyvm.Run("", "run", "--kernel", linux.Files.Kernel, "--append", "root=/dev/none");
        Assert.Equal((MachineResult.FailureStatus, "lilyvm: The guest's kernel panicked; its last messages on the console say why.\n"),
            (result.Status, result.Error));
        Assert.Contains("Kernel panic - not syncing: VFS: Unable to mount root fs", result.Output, StringComparison.Ordinal);
    }

    [DirectFact]
    public void A_driver_that_breaks_the_rules_is_told_to_the_user_too()
    {
        Command.Result result = Lilyvm.Run("", "run", "--kernel", build.ForEngine("virtqueues"));
        Assert.Equal((0, "lilyvm: The driver of virtio device 4 gave queue 0 a queue of 4294967295 entries.\n"),
            (result.Status, result.Error));
    }

    // Bytes in a pipe.
    private static int Waiting(int pipe)
    {
        const nuint BytesToRead = 0x541B; // FIONREAD
        Assert.Equal(0, DeviceControl(pipe, BytesToRead, out int count));
        return count;
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int DeviceControl(int file, nuint request, out int value);

    // A guest that prints "ready" and what is typed.
    private string[] Typist(params string[] more) => ["run", "--kernel", build.ForEngine("typist"), "--memory", "64M", .. more];
}
