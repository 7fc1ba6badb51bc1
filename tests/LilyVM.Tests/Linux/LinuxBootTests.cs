using System.Text.RegularExpressions;
using LilyVM.Audit;
using LilyVM.Boot;

namespace LilyVM.Tests.Linux;

/// <summary>The proof of the conversion: Linux with the native library on a bare machine does what its unconverted twin does.</summary>
public class LinuxBootTests(LinuxFixture linux, X64LinuxFixture x64)
{
    private LinuxFixture Of(string architecture) => architecture == linux.Recipe.Recipe.Architecture ? linux : x64;

    [Theory]
    [InlineData("x86_64")]
    [InlineData("i386", Explicit = true, Traits = ["Takes", "minutes"])]
    public async Task Boots_to_a_shell(string architecture)
    {
        string transcript = await Of(architecture).BootConverted("");
        Assert.Contains("Run /init as init process", transcript, StringComparison.Ordinal);
        Assert.Contains("\nanswer 42\n", transcript, StringComparison.Ordinal);
        Assert.Contains("reboot: Restarting system", transcript, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x86_64")]
    [InlineData("i386", Explicit = true, Traits = ["Takes", "minutes"])]
    public async Task Runs_200_rounds_of_fork_and_exec(string architecture)
    {
        string converted = Messages.UserOutput(await Of(architecture).BootConverted("lilyvm.run=forks"));
        Assert.Contains("200 rounds, last word ji", converted, StringComparison.Ordinal);
        Assert.Contains("lilyvm: forks ended with status 0", converted, StringComparison.Ordinal);
        Assert.Equal(Messages.UserOutput(await Of(architecture).BootOracle("lilyvm.run=forks")), converted);
    }

    [Theory]
    [InlineData("x86_64")]
    [InlineData("i386", Explicit = true, Traits = ["Takes", "minutes"])]
    public async Task User_faults_look_the_same(string architecture)
    {
        string converted = Messages.UserOutput(await Of(architecture).BootConverted("lilyvm.run=faults"));
        string oracle = Messages.UserOutput(await Of(architecture).BootOracle("lilyvm.run=faults"));
        Assert.Equal(oracle, converted);
        Assert.Contains("lilyvm: faults ended with status 0", converted, StringComparison.Ordinal);
        // Both kernels could have ended early in the same way.
        foreach (string program in Of(architecture).Recipe.Programs("faults"))
            Assert.Contains($"== {program} ended with status 0", converted, StringComparison.Ordinal);
    }

    [Theory(Explicit = true)]
    [Trait("Takes", "minutes")]
    [InlineData(@"fs: set 0 selector 51 value 78 emptied 0 left 0\n", "a selector of an emptied TLS slot is nulled")]
    [InlineData(@"es: value 67 status 1792\n", "a bad selector in a signal frame is nulled")]
    [InlineData(@"cs: value 0xfff3 status 4\n", "an iret to a bad selector ends the program by SIGILL")]
    [InlineData(@"gs: value 0xfff3 set 0 status 1024\n", "a bad selector set by a debugger is nulled")]
    [InlineData(@"null: open -14 stat -14 execve -14\n", "bad pointers give EFAULT")]
    public async Task User_faults_go_through_the_kernel_s_fixups(string pattern, string because) =>
        Assert.True(Regex.IsMatch(await linux.BootConverted("lilyvm.run=faults"), pattern), because);

    [Theory]
    [InlineData("x86_64")]
    [InlineData("i386", Explicit = true, Traits = ["Takes", "minutes"])]
    public async Task Kernel_messages_are_the_same(string architecture)
    {
        IReadOnlyList<string> converted = Messages.Normalize(await Of(architecture).BootConverted("lilyvm.run=nothing"));
        IReadOnlyList<string> oracle = Messages.Normalize(await Of(architecture).BootOracle("lilyvm.run=nothing"));
        Assert.Equal(oracle, converted);
        Assert.Contains(converted, l => l.Contains("lilyvm: nothing ended with status 0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("x86_64")]
    [InlineData("i386", Explicit = true, Traits = ["Takes", "minutes"])]
    public async Task A_compiler_works_on_a_Debian_disk(string architecture)
    {
        const string Options = "lilyvm.root=/dev/vda lilyvm.run=compile";
        string converted = Messages.UserOutput(await Of(architecture).BootConverted(Options, withDisk: true));
        Assert.Contains("17984 primes below 200000, their logarithms sum to 199", converted, StringComparison.Ordinal);
        Assert.Contains("the program ended with status 42", converted, StringComparison.Ordinal);
        Assert.Equal(Messages.UserOutput(await Of(architecture).BootOracle(Options, withDisk: true)), converted);
    }

    [Fact]
    public async Task The_moved_address_space_is_what_programs_may_expect()
    {
        string converted = Messages.UserOutput(await x64.BootConverted("lilyvm.run=conformance"));
        foreach (string program in x64.Recipe.Programs("conformance"))
            Assert.Contains($"== {program} ended with status 0", converted, StringComparison.Ordinal);
        Assert.Equal(Messages.UserOutput(await x64.BootOracle("lilyvm.run=conformance")), converted);
    }

    [Fact(Explicit = true)]
    [Trait("Takes", "minutes")]
    public void The_oracle_is_not_converted_and_the_kernel_is()
    {
        Assert.False(ConversionNotes.Read(Elf.Load(linux.Files.Oracle!)).IsConverted);
        ConversionNotes notes = ConversionNotes.RequireConverted(Elf.Load(linux.Files.Kernel));
        Assert.True(notes.Rewritten > 3000, $"only {notes.Rewritten} instructions were rewritten");
    }

    [Fact(Explicit = true)]
    [Trait("Takes", "minutes")]
    public void The_oracle_fails_the_audit()
    {
        AuditReport report = KernelAudit.Run(Elf.Load(linux.Files.Oracle!), []);
        Assert.False(report.Passed);
        Assert.True(report.Findings.Count > 3000, $"only {report.Findings.Count} findings");
        Assert.NotNull(report.NoteProblem);
    }
}
