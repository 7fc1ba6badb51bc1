using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using LilyVM.Engines;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Linux;

/// <summary>
/// The converted Linux as an ordinary process: it does on the user engine what its unconverted twin does on a bare machine.
/// </summary>
public partial class UserEngineLinuxTests(LinuxFixture linux)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [DirectFact]
    public async Task Runs_200_rounds_of_fork_and_exec()
    {
        string converted = Messages.UserOutput((await Boot("lilyvm.run=forks")).Text);
        Assert.Contains("200 rounds, last word ji", converted, StringComparison.Ordinal);
        Assert.Equal(Messages.UserOutput(await linux.BootOracle("lilyvm.run=forks")), converted);
    }

    [DirectFact]
    public async Task User_faults_look_the_same_but_for_what_the_real_CPU_shows()
    {
        string converted = Messages.UserOutput((await Boot("lilyvm.run=faults")).Text),
            oracle = Messages.UserOutput(await linux.BootOracle("lilyvm.run=faults"));
        Assert.Contains("lilyvm: faults ended with status 0", converted, StringComparison.Ordinal);
        Assert.Equal(Comparable(oracle), Comparable(converted));
    }

    [DirectFact]
    public Task A_compiler_works_on_a_Debian_disk() =>
        linux.AssertCompilerWorks(async options => (await Boot(options, withDisk: true)).Text);

    [DirectFact]
    public async Task System_calls_do_not_enter_the_host_s_kernel()
    {
        // 200 rounds make tens of thousands of calls; those that do not go through the vDSO are a few at the start of each program.
        IReadOnlyList<Counter> counters = (await Boot("lilyvm.run=forks")).Result.Counters;
        ulong Count(string name) => counters.Single(c => c.Name == name).Value;
        Assert.True(Count("fast-system-calls") > 3 * Count("signalled-system-calls"), string.Join(' ', counters));
        Assert.True(Count("page-fault-signals") < 2 * Count("guest-page-faults"), string.Join(' ', counters));
    }

    [DirectTheory]
    [InlineData(64)]
    [InlineData(1500)]
    [InlineData(3000)]
    public async Task Boots_with_this_much_memory(int megabytes)
    {
        (string text, MachineResult result) = await Boot("lilyvm.run=nothing", megabytes: megabytes);
        Assert.Contains("lilyvm: nothing ended with status 0", text, StringComparison.Ordinal);
        Assert.Equal((MachineEnd.Restart, 0), (result.End, result.ExitStatus));
    }

    [DirectFact]
    public async Task Four_machines_run_at_once()
    {
        (string Text, MachineResult Result)[] all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Boot("lilyvm.run=forks")));
        Assert.All(all, one => Assert.Contains("lilyvm: forks ended with status 0", one.Text, StringComparison.Ordinal));
    }

    [DirectFact]
    public async Task Twenty_boots_in_a_row_leave_nothing_behind()
    {
        for (int i = 0; i < 20; i++)
            Assert.Equal(MachineEnd.Restart, (await Boot("lilyvm.run=nothing")).Result.End);
        Assert.DoesNotContain("memfd:lilyvm", File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
        Assert.Empty(Children(Environment.ProcessId));
    }

    [DirectTheory]
    [InlineData("lilyvm.run=missing init=/none rdinit=/none", MachineEnd.Panic)] // no init
    [InlineData("rdinit=/bin/busybox -- halt -f", MachineEnd.PowerOff)]
    public async Task The_end_tells_how_the_guest_ended(string options, MachineEnd end) =>
        Assert.Equal(end, (await Boot(options)).Result.End);

    [DirectFact]
    public async Task A_machine_can_be_stopped_while_it_computes_and_while_it_waits()
    {
        foreach (string options in (string[])["lilyvm.run=forks", ""])
        {
            Assert.Equal(MachineEnd.Stopped, (await Boot(options, stopAfter: TimeSpan.FromMilliseconds(400))).Result.End);
        }
    }

    // Children of this process that are stubs: other tests run other programs.
    private static IEnumerable<string> Children(int parent) => Directory.EnumerateDirectories("/proc")
        .Where(d => int.TryParse(Path.GetFileName(d), out _)).Select(d =>
    {
        try
        {
            return File.ReadAllText(d + "/stat");
        }
        catch (IOException)
        {
            return ""; // it ended meanwhile
        }
        // exec of /proc/self/fd/5
    }).Where(stat => stat.Contains($") S {parent} ", StringComparison.Ordinal) && stat.Contains("(5)", StringComparison.Ordinal));

    // What the real CPU tells programs of itself: their selectors are those of an LDT (0x77 for 0x73), which has entries; their segments
    // end at 3 GiB; there are no breakpoint registers. And CPUID offers XSAVE, which QEMU's processor has not, so signal frames are checked
    // elsewhere.
    private static string Comparable(string text) =>
        string.Join('\n', text.Split('\n').Where(l => !RealCpu().IsMatch(l))
            .Select(l => Selectors().Replace(l, m => m.Value == "119" ? "115" : "123")));

    [GeneratedRegex("^(bad MXCSR|execute the VM area|execute kernel text|LDT into|breakpoint|watchpoint|end|in the kernel: " +
        "set|peek|[fg]s: value 3 set)\\b")]
    private static partial Regex RealCpu();

    [GeneratedRegex("(?<=(selectors|went on):.*)\\b(119|127)\\b")]
    private static partial Regex Selectors();

    private async Task<(string Text, MachineResult Result)> Boot(
        string options, bool withDisk = false, int megabytes = 256, TimeSpan? stopAfter = null)
    {
        using var output = new MemoryStream();
        using var limit = new CancellationTokenSource(Limit);
        using var stop = stopAfter is { } time ? new CancellationTokenSource(time) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop.Token);
        using var machine = new VirtualMachine(new MachineOptions
        {
            Kernel = linux.Files.Kernel,
            Initrd = linux.Files.Initrd,
            CommandLine = options,
            MemoryBytes = (long)megabytes << 20,
            Drives = withDisk ? [new DriveOptions(linux.Disk, Snapshot: true)] : [],
            Console = new MachineConsole(output),
        });
        long start = Stopwatch.GetTimestamp();
        MachineResult result = await machine.RunAsync(either.Token);
        string text = Encoding.UTF8.GetString(output.ToArray()).Replace("\r", "", StringComparison.Ordinal);
        Assert.False(limit.IsCancellationRequested, $"Linux hangs after {Stopwatch.GetElapsedTime(start)}:\n{text}");
        return (text, result);
    }
}
