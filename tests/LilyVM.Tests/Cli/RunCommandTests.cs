using System.Text.RegularExpressions;
using LilyVM.Cli.Commands;
using LilyVM.Tests.Boot;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Machine;

namespace LilyVM.Tests.Cli;

/// <summary>The commands that run machines, as users meet them when something is wrong.</summary>
public sealed class RunCommandTests(X64GuestBuild guests) : MachineFixtureTest
{
    private static readonly HostFinding
        There = new("a thing", true, "never shown"), Missing = new("another", false, "Get it."),
            Slower = new("a shortcut", false, "so it is slower") { IsOptional = true };

    [Theory]
    [InlineData(1, "No kernel was given; name one with --kernel, or use `lilyvm boot` for the prepared guest.", "run")]
    [InlineData(1, "Cannot read /nonexistent: there is no such file.", "run", "-kernel", "/nonexistent", "-m", "64", "-nographic",
        "-serial", "file:/dev/null")]
    [InlineData(1, "'lots' is no memory size; give a number and M or G, such as 256M.", "run", "--kernel", "/nonexistent", "--memory",
        "lots")]
    [InlineData(1, "'tty' is no console; give stdio, pty, none or file:PATH.", "run", "--kernel", "/nonexistent", "--console", "tty")]
    [InlineData(1, "Cannot read the disk image x: there is no such file.", "run", "-kernel", "/nonexistent", "-drive",
        "file=x,format=qcow2")]
    [InlineData(1, "Cannot read the script x: there is no such file.", "boot", "--kernel", "/nonexistent", "--engine", "native",
        "--script", "x")]
    [InlineData(1, "--memory beyond 1016M does not work with --engine native; leave one of them out.", "boot", "--kernel", "/nonexistent",
        "--engine", "native", "-m", "2G")]
    [InlineData(1, "console=hvc0 does not work with --engine native; leave one of them out.", "boot", "--kernel", "/nonexistent",
        "--engine", "native", "--append", "a console=hvc0")]
    [InlineData(1, "Cannot read /nonexistent: there is no such file.", "boot", "--kernel", "/nonexistent", "--engine", "native", "-m",
        "64", "--console", "file:/dev/null")]
    [InlineData(1, "--counters does not work with --engine native; leave one of them out.", "boot", "--kernel", "/nonexistent",
        "--engine", "native", "--counters")]
    // and the guest is not built first
    [InlineData(1, "'tty' is no console; give stdio, pty, none or file:PATH.", "boot", "--console", "tty")]
    [InlineData(1, "--unconverted works with --engine native only; add that.", "boot", "--kernel", "/nonexistent", "--unconverted")]
    [InlineData(1, "Cannot read the script /nonexistent: there is no such file.", "boot", "--kernel", "/nonexistent", "--script",
        "/nonexistent")]
    // and the guest is not built first
    [InlineData(1, "There is no CPU feature 'cx9'; perhaps cx8 is meant.", "boot", "--cpu", "host,-cx9")]
    [InlineData(1, "There is no CPU feature 'cx9'; perhaps cx8 is meant.", "run", "--kernel", "/nonexistent", "-cpu", "host,-cx9")]
    [InlineData(1, "' a' names no module; give a file and then its arguments.", "run", "--kernel", "/nonexistent", "--module", " a")]
    [InlineData(1, "Cannot read /: it is a directory.", "run", "--kernel", "/")]
    [InlineData(2, "--engine takes auto, kernel, kvm or user, not 'x'; see lilyvm run --help.", "run", "--kernel", "/nonexistent",
        "--engine", "x")]
    [InlineData(1, "--mmu is an option of the kernel engine; leave it out, or load the module lilyvm and use --engine kernel.", "run",
        "--kernel", "x", "--mmu", "lazy")]
    // and the guest is not built first
    [InlineData(1, "The engine 'kernel' runs IA-32 guests only; add --arch i386, or leave out --engine.", "boot", "--engine", "kernel")]
    [InlineData(1, "The engine 'kvm' runs IA-32 guests only; add --arch i386, or leave out --engine.", "boot", "--engine", "kvm",
        "--arch", "x86_64")]
    [InlineData(1, "--arch chooses a prepared guest, and the kernel of --kernel tells its architecture itself; leave out --arch.", "boot",
        "--kernel", "/nonexistent", "--arch", "i386")]
    [InlineData(1, "4096 MiB of memory are more than an IA-32 guest can have; give it at most 3072M.", "boot", "--arch", "i386", "-m",
        "4G")]
    [InlineData(1, "--memory beyond 1016M does not work with --engine native; leave one of them out.", "boot", "--engine", "native",
        "--arch", "i386", "-m", "1017")]
    [InlineData(1, "--fpu is an option of the kernel engine; leave it out, or load the module lilyvm and use --engine kernel.", "boot",
        "--kernel", "x", "--engine", "user", "--fpu", "lazy")]
    public void A_mistake_is_one_sentence_and_an_exit_status(int status, string sentence, params string[] args) =>
        Assert.Equal((status, "", $"lilyvm: {sentence}\n"), CommandLineTests.Run(args));

    [Theory]
    [InlineData("run")]
    [InlineData("boot")]
    public void An_x86_64_kernel_runs_directly(string command)
    {
        string console = Fixture["console"];
        Assert.Equal((0, "", ""), CommandLineTests.Run(command, "--kernel", guests.Linked("flags"), "--console", "file:" + console));
        Assert.EndsWith("\nOK\n", File.ReadAllText(console).Replace("\r", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_starts_in_32_bit_code_does_not()
    {
        string kernel = Path.ChangeExtension(guests.Linked("flags"), ".boot"); // a 32-bit file, as boot loaders want it
        (int status, _, string errors) = CommandLineTests.Run("run", "--kernel", kernel);
        Assert.Equal((1, $"lilyvm: {kernel} is a 32-bit file with 64-bit code, which starts in 32-bit mode; give the 64-bit file that " +
            "it was made from.\n"), (status, errors));
    }

    [Theory]
    [InlineData("kernel")]
    [InlineData("kvm")]
    public void Other_engines_have_IA_32_guests_only(string engine)
    {
        (int status, _, string errors) = CommandLineTests.Run("run", "--kernel", guests.Linked("flags"), "--engine", engine);
        Assert.Equal((1, $"lilyvm: The engine '{engine}' runs IA-32 guests only; leave out --engine, or give the engine user.\n"),
            (status, errors));
    }

    [Fact]
    public void QEMU_s_spellings_are_understood()
    {
        string bad = Fixture.Write("bad", new ElfBuilder().Code(".text", 0xC100_0000, 0xF4).Build());
        (int status, _, string errors) = CommandLineTests.Run(
            "run", "-kernel", bad, "-initrd", "none", "-append", "a=b c", "-m", "128M", "-drive", "file=none,format=raw,readonly=on",
            "-snapshot", "-nographic",
            "-cpu", "host,-cx8,-apic", "--module", "none a=b", "--module", "none", "-serial", "file:" + Fixture["console"],
            "--counters=json", "--engine", "user");
        Assert.Equal(1, status);
        Assert.StartsWith($"lilyvm: {bad} was not converted", errors, StringComparison.Ordinal); // so all the words before it were taken
    }

    [Fact]
    public void The_doctor_says_what_runs_each_guest_or_what_is_missing()
    {
        (int status, string text) = Doctor("Load it.", "Not here.", [There, Slower], [There, Missing]);
        Assert.Equal(0, status);
        Assert.StartsWith(
            "x86-64 guests, the default (user engine):\n  a thing     yes\n  a shortcut  no, so it is slower\n\n"
            + "IA-32 guests (--arch i386) (user engine):\n  another  no: Get it.\n\n" // and not again what both need
            + "What some options need:\n  a program  no, install it\n\n"
            + "Kernel engine, for IA-32 guests: Load it.\nKVM, for IA-32 guests: Not here.\n\n"
            + "x86-64 guests, the default: run directly, by the user engine.\n"
            + "IA-32 guests (--arch i386): none until the above is enabled; --engine native runs them in QEMU.\n",
            text,
            StringComparison.Ordinal);

        Assert.Contains(" Something keeps programs in. ", text, StringComparison.Ordinal);

        (status, text) = Doctor("Load it.", "Not here.", [There, Missing], [There]);
        Assert.Equal(1, status);
        Assert.Contains("\nx86-64 guests, the default: none until the above is enabled; --engine native runs them in QEMU.\n", text,
            StringComparison.Ordinal);
        Assert.Contains("\nIA-32 guests (--arch i386): run directly, by the user engine", text, StringComparison.Ordinal);

        (status, text) = Doctor(null, "Not here.", [There], [Missing]);
        Assert.Equal(0, status);
        Assert.Contains("\nIA-32 guests (--arch i386): run directly, by the kernel engine", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_doctor_does_not_advise_what_cannot_help()
    {
        (int status, string text) = Doctor("Load it.", "There is no /dev/kvm: load that.", [There],
            [new HostFinding("a guest", false, HostNeeds.Segments)]);
        Assert.Equal(0, status); // 32-bit code is not for the guest that is the default
        Assert.DoesNotContain("oad it.", text, StringComparison.Ordinal);
        Assert.Contains("\nKVM, for IA-32 guests: There is no /dev/kvm.\n", text, StringComparison.Ordinal);
        Assert.Contains("\nKernel engine, for IA-32 guests: not on this host, which runs 64-bit code only", text, StringComparison.Ordinal);
        Assert.Contains("\nIA-32 guests (--arch i386): run in QEMU (--engine native), many times slower, and nothing that can be enabled",
            text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_doctor_says_once_what_both_guests_have_though_only_one_needs_it()
    {
        (_, string text) = Doctor(null, "", [There with { IsOptional = true }], [There]);
        Assert.Single(Regex.Matches(text, $"(?m)^  {There.Feature} +yes$"));
        (int status, text) = Doctor(null, "", [Slower], [Slower with { IsOptional = false, Advice = "Get it." }]);
        Assert.Equal(0, status);
        Assert.Matches($"(?m)^  {Slower.Feature} +no, {Slower.Advice}$", text);
        Assert.Matches($"(?m)^  {Slower.Feature} +no: Get it\\.$", text);
    }

    private static (int Status, string Text) Doctor(string? kernelProblem, string kvm, HostFinding[] x64, HostFinding[] ia32)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var program = new HostFinding("a program", false, "install it") { IsOptional = true };
        int status = DoctorCommand.Report([program], kernelProblem, kvm, x64, ia32, "Something keeps programs in.", output);
        return (status, output.ToString());
    }
}
