using System.Globalization;
using System.Text.RegularExpressions;

namespace LilyVM.Tests.Linux;

/// <summary>
/// The converted x86-64 Linux as an ordinary process, on every host: its programs find what they find on a bare machine under its
/// unconverted twin.
/// </summary>
public partial class X64UserEngineLinuxTests(X64LinuxFixture linux)
{
    private const int TicksPerSecond = 8192; // the most that Linux's clock device gives: one in 122 us

    // Programs that touch the kernel's addresses: without protection keys nothing keeps them from it (README.md, "Isolation").
    private static readonly string[] NeedIsolation = ["accesses", "kernel_addresses"];

    // What programs find out only by reading their own code, or by changing it behind the addresses where it runs: docs/abi.md says why.
    private static readonly string[] OfOwnCode =
    [
        "the file is written while its code is mapped", "and once more", "this program's code reads the same after its calls",
    ];

    public static TheoryData<string> Behaviours => new(new X64LinuxFixture().Recipe.Programs("behaviour"));

    public static TheoryData<string> Conformances =>
        new(new X64LinuxFixture().Recipe.Programs("conformance").Except(NeedIsolation, StringComparer.Ordinal));

    [Fact]
    public async Task Runs_200_rounds_of_eight_processes()
    {
        string converted = Messages.UserOutput((await Boot("lilyvm.run=forks")).Text);
        Assert.Contains("200 rounds, last word ji", converted, StringComparison.Ordinal);
        Assert.Equal(Messages.UserOutput(await linux.BootOracle("lilyvm.run=forks")), converted);
    }

    [Theory]
    [MemberData(nameof(Behaviours))]
    public Task Programs_find_what_any_Linux_gives(string name) => Passes("behaviour", name);

    [Theory]
    [MemberData(nameof(Conformances))]
    public Task The_moved_address_space_is_what_programs_may_expect(string name) => Passes("conformance", name);

    // All of them: the kernel's addresses are nobody's there.
    [Fact]
    public async Task Programs_in_processes_of_their_own_find_all_of_it()
    {
        foreach (string folder in (string[])["conformance", "behaviour"])
        {
            string text = (await linux.BootOnUserEngine($"lilyvm.run={folder}", isolation: IsolationLevel.Process)).Text;
            foreach (string program in linux.Recipe.Programs(folder))
                Assert.Contains($"== {program} ended with status 0", text, StringComparison.Ordinal);
        }
    }

    // bench/proofs/ticks.sh runs all programs so.
    [Theory]
    [InlineData("signals")]
    [InlineData("restarts")]
    [InlineData("vectors")]
    public async Task They_find_it_under_a_storm_of_timer_interrupts_too(string name)
    {
        string text = await Passes("behaviour", name, $" lilyvm.ticks={TicksPerSecond}");
        Match ticks = Ticks().Match(text);
        Assert.True(ticks.Success && int.Parse(ticks.Groups[1].Value, CultureInfo.InvariantCulture) > 100, text);
    }

    // Linux goes on whatever a program asks of it. The guest prints the seed.
    [Fact]
    public async Task Every_system_call_number_may_have_any_arguments()
    {
        uint seed = (uint)Random.Shared.Next();
        string text = (await Boot($"lilyvm.run=hostile lilyvm.seed={seed}")).Text;
        Assert.Contains("== calls ended with status 0", text, StringComparison.Ordinal);
        Assert.DoesNotMatch("BUG:|Oops:", text);
    }

    [Fact(Explicit = true)]
    [Trait("Takes", "minutes")]
    public async Task User_faults_look_the_same_but_for_what_the_real_CPU_shows()
    {
        foreach (string program in linux.Recipe.Programs("faults"))
        {
            string options = $"lilyvm.run=faults lilyvm.only={program}";
            string oracle = Messages.UserOutput(await linux.BootOracle(options));
            foreach (IsolationLevel level in (IsolationLevel[])[IsolationLevel.Auto, IsolationLevel.Process])
            {
                if (level == IsolationLevel.Auto && NeedIsolation.Contains(program))
                    continue;
                string converted = Messages.UserOutput((await linux.BootOnUserEngine(options, isolation: level)).Text);
                Assert.Contains($"== {program} ended with status 0", converted, StringComparison.Ordinal);
                Assert.Equal((level, Comparable(oracle, level)), (level, Comparable(converted, level)));
            }
        }
    }

    [Fact(Explicit = true)]
    [Trait("Takes", "minutes")]
    public Task A_compiler_works_on_a_Debian_disk() =>
        linux.AssertCompilerWorks(async options => (await Boot(options, withDisk: true)).Text);

    [Theory]
    [InlineData("lilyvm.run=missing init=/none rdinit=/none", MachineEnd.Panic)] // no init
    [InlineData("rdinit=/bin/busybox -- halt -f", MachineEnd.PowerOff)]
    [InlineData("lilyvm.run=nothing", MachineEnd.Restart)]
    public async Task The_end_tells_how_the_guest_ended(string options, MachineEnd end) =>
        Assert.Equal(end, (await Boot(options)).Result.End);

    // One program of a folder, whose checks pass but for those that this engine is known to fail. Returns what was printed.
    private async Task<string> Passes(string folder, string name, string options = "")
    {
        string text = Messages.UserOutput((await Boot($"lilyvm.run={folder} lilyvm.only={name}{options}")).Text);
        Assert.Contains($"== {name} ended with status", text, StringComparison.Ordinal);
        Assert.Contains("\nok   ", text, StringComparison.Ordinal);
        string[] expected = name == "code" ? OfOwnCode : [];
        Assert.Equal(expected,
            text.Split('\n').Where(l => l.StartsWith("FAIL ", StringComparison.Ordinal)).Select(l => l["FAIL ".Length..]));
        return text;
    }

    [GeneratedRegex(@"(?m)^(\d+) timer interrupts$")]
    private static partial Regex Ticks();

    // What the real CPU and the host's kernel tell programs, whatever the guest's says.
    private static string Comparable(string text, IsolationLevel level)
    {
        string comparable = InterruptError().Replace(KernelAddress().Replace(RealCpu().Replace(text, ""), ""), m => m.Groups[1].Value);
        return level == IsolationLevel.Process ? NoAddress().Replace(comparable, "") : comparable;
    }

    // Stack pointers that are no address: the host's kernel, by whose sigreturn programs in processes of their own go on, may refuse one.
    [GeneratedRegex(@"(?m)^(  went on: .*\n)?rsp: value 0 .*\n")]
    private static partial Regex NoAddress();

    // MXCSR is checked by XRSTOR, not so by QEMU's; null selectors with a privilege level lose it where the host's kernel returns to
    // programs; there is no 32-bit code; selectors that a debugger sets are the guest kernel's alone; there are no breakpoint registers,
    // so a child that waits for a breakpoint ends before the rest; of an access that begins in the lower half and ends beyond it, QEMU
    // checks the beginning only.
    [GeneratedRegex(@"(?m)^(bad MXCSR:|selector: loaded 3 |breakpoint:|watchpoint:|end:|in the kernel: set|peek:|[fg]s: value (3|43|51|123) set).*\n|^last of the lower half: .*\n.*\n|^(  caught: .*\n)?cs: value 35 caught,.*\n")]
    private static partial Regex RealCpu();

    // Of the kernel: nothing keeps programs from reading it, or running it.
    [GeneratedRegex(@"(?m)^(kernel text|VM area|vCPU page): set fs.*\n.*\n.*\n|^(  caught: .*\n)?rip: value 0x(41000000|7f000000|7f100000) .*\n")]
    private static partial Regex KernelAddress();

    // QEMU counts 16 bytes a vector in the error code of INT n in long mode, processors 8.
    [GeneratedRegex(@"(?m)^(int \w+: signal 11 trap 13 error ).*$")]
    private static partial Regex InterruptError();

    private Task<(string Text, MachineResult Result)> Boot(string options, bool withDisk = false) =>
        linux.BootOnUserEngine(options, withDisk);
}
