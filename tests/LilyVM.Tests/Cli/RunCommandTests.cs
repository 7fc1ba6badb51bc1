using LilyVM.Cli.Commands;
using LilyVM.Tests.Boot;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Machine;

namespace LilyVM.Tests.Cli;

/// <summary>The commands that run machines, as users meet them when something is wrong.</summary>
public sealed class RunCommandTests(X64GuestBuild guests) : IDisposable
{
    private readonly MachineFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    [Theory]
    [InlineData(1, "No kernel was given; name one with --kernel, or use `lilyvm boot` for the prepared guest.", "run")]
    [InlineData(1, "Cannot read /nonexistent: there is no such file.", "run", "-kernel", "/nonexistent", "-m", "64", "-nographic", "-serial", "file:/dev/null")]
    [InlineData(1, "'lots' is no memory size; give a number and M or G, such as 256M.", "run", "--kernel", "/nonexistent", "--memory", "lots")]
    [InlineData(1, "'tty' is no console; give stdio, pty, none or file:PATH.", "run", "--kernel", "/nonexistent", "--console", "tty")]
    [InlineData(1, "The disk format 'qcow2' is unknown; convert the image with `qemu-img convert -O raw`.", "run", "-kernel", "/nonexistent", "-drive", "file=x,format=qcow2")]
    [InlineData(1, "Cannot read the script x: there is no such file.", "boot", "--kernel", "/nonexistent", "--engine", "native", "--script", "x")]
    [InlineData(1, "--memory beyond 1016M does not work with --engine native; leave one of them out.", "boot", "--kernel", "/nonexistent", "--engine", "native", "-m", "2G")]
    [InlineData(1, "console=hvc0 does not work with --engine native; leave one of them out.", "boot", "--kernel", "/nonexistent", "--engine", "native", "--append", "a console=hvc0")]
    [InlineData(1, "Cannot read /nonexistent: there is no such file.", "boot", "--kernel", "/nonexistent", "--engine", "native", "-m", "64", "--console", "file:/dev/null")]
    [InlineData(1, "--counters does not work with --engine native; leave one of them out.", "boot", "--kernel", "/nonexistent", "--engine", "native", "--counters")]
    [InlineData(1, "'tty' is no console; give stdio, pty, none or file:PATH.", "boot", "--console", "tty")] // and the guest is not built first
    [InlineData(1, "--unconverted works with --engine native only; add that.", "boot", "--kernel", "/nonexistent", "--unconverted")]
    [InlineData(1, "Cannot read the script /nonexistent: there is no such file.", "boot", "--kernel", "/nonexistent", "--script", "/nonexistent")]
    [InlineData(1, "There is no CPU feature 'cx9'; perhaps cx8 is meant.", "boot", "--cpu", "host,-cx9")] // and the guest is not built first
    [InlineData(1, "There is no CPU feature 'cx9'; perhaps cx8 is meant.", "run", "--kernel", "/nonexistent", "-cpu", "host,-cx9")]
    [InlineData(1, "' a' names no module; give a file and then its arguments.", "run", "--kernel", "/nonexistent", "--module", " a")]
    [InlineData(1, "Cannot read /: it is a directory.", "run", "--kernel", "/")]
    [InlineData(2, "--engine takes auto, kernel, kvm or user, not 'x'; see lilyvm run --help.", "run", "--kernel", "/nonexistent", "--engine", "x")]
    [InlineData(1, "--mmu is an option of the kernel engine; leave it out, or load the module lilyvm and use --engine kernel.", "run", "--kernel", "x", "--mmu", "lazy")]
    [InlineData(1, "--fpu is an option of the kernel engine; leave it out, or load the module lilyvm and use --engine kernel.", "boot", "--kernel", "x", "--engine", "user", "--fpu", "lazy")]
    public void A_mistake_is_one_sentence_and_an_exit_status(int status, string sentence, params string[] args) =>
        Assert.Equal((status, "", $"lilyvm: {sentence}\n"), CommandLineTests.Run(args));

    [Theory]
    [InlineData("run")]
    [InlineData("boot")]
    public void An_x86_64_kernel_runs_directly(string command)
    {
        string console = fixture["console"];
        Assert.Equal((0, "", ""), CommandLineTests.Run(command, "--kernel", guests.Linked("flags"), "--console", "file:" + console));
        Assert.EndsWith("\nOK\n", File.ReadAllText(console).Replace("\r", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_starts_in_32_bit_code_does_not()
    {
        string kernel = Path.ChangeExtension(guests.Linked("flags"), ".boot"); // a 32-bit file, as boot loaders want it
        (int status, _, string errors) = CommandLineTests.Run("run", "--kernel", kernel);
        Assert.Equal((1, $"lilyvm: {kernel} is a 32-bit file with 64-bit code, which starts in 32-bit mode; give the 64-bit file that it was made from.\n"), (status, errors));
    }

    [Theory]
    [InlineData("kernel")]
    [InlineData("kvm")]
    public void Other_engines_have_IA_32_guests_only(string engine)
    {
        (int status, _, string errors) = CommandLineTests.Run("run", "--kernel", guests.Linked("flags"), "--engine", engine);
        Assert.Equal((1, $"lilyvm: The engine '{engine}' runs IA-32 guests only; leave out --engine, or give the engine user.\n"), (status, errors));
    }

    [Fact]
    public void QEMU_s_spellings_are_understood()
    {
        string bad = fixture.Write("bad", new ElfBuilder().Code(".text", 0xC100_0000, 0xF4).Build());
        (int status, _, string errors) = CommandLineTests.Run(
            "run", "-kernel", bad, "-initrd", "none", "-append", "a=b c", "-m", "128M", "-drive", "file=none,format=raw,readonly=on", "-snapshot", "-nographic",
            "-cpu", "host,-cx8,-apic", "--module", "none a=b", "--module", "none", "-serial", "file:" + fixture["console"], "--counters=json", "--engine", "user");
        Assert.Equal(1, status);
        Assert.StartsWith($"lilyvm: {bad} was not converted", errors, StringComparison.Ordinal); // so all the words before it were taken
    }

    [Fact]
    public void The_doctor_says_which_engine_is_used_or_what_is_missing()
    {
        using var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(0, DoctorCommand.Report("Load it.", "Not here.", [new HostFinding("a thing", true, "never shown")], output));
        Assert.StartsWith("Kernel engine: Load it.\nKVM: Not here.\n\nUser engine:\na thing  yes\n\nEngine: user", output.ToString(), StringComparison.Ordinal);
        output.GetStringBuilder().Clear();
        Assert.Equal(1, DoctorCommand.Report("Load it.", "Not here.", [new HostFinding("a thing", true, ""), new HostFinding("another", false, "Get it.")], output));
        Assert.Contains("\nanother  no: Get it.\n\nEngine: none", output.ToString(), StringComparison.Ordinal);
        output.GetStringBuilder().Clear();
        Assert.Equal(0, DoctorCommand.Report(null, "Not here.", [new HostFinding("another", false, "Get it.")], output));
        Assert.Contains("\nEngine: kernel", output.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(HostProbe.UserEngine());
    }

    [Fact]
    public void The_doctor_does_not_advise_what_cannot_help()
    {
        using var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(1, DoctorCommand.Report("Load it.", "There is no /dev/kvm: load that.", [new HostFinding("a guest", false, HostNeeds.Segments)], output));
        Assert.DoesNotContain("oad it.", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("\nKVM: There is no /dev/kvm.\n", output.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("Kernel engine: not on this host, which runs 64-bit code only", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("\nEngine: none, and nothing that can be enabled on this host would change that.", output.ToString(), StringComparison.Ordinal);
    }
}
