using LilyVM.Cli.Lab;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Lab;

/// <summary>
/// Every host of the lab but the one whose kernel takes longer to build than this (bench/proofs/kernel-debug.sh), and what a quick run
/// leaves out. Minutes, so only `./lilyvm test --all` asks for it.
/// </summary>
[Trait("Takes", "minutes")]
public sealed class LabMatrixTests : IDisposable
{
    // Prints what the variant stands for: kernel, processors, those with five levels, those with page-table isolation; then whether lilyvm
    // and its guest are there.
    private const string Look =
        "uname -r | sed 's/.*[0-9]-//'; nproc; grep -c -w la57 /proc/cpuinfo; grep -c -w pti /proc/cpuinfo; head -n 1 /dev/vda; " +
        "for disk in vda vdb; do echo written | dd of=/dev/$disk conv=notrunc 2>/dev/null; done; lilyvm --version >/dev/null && [ -s " +
        "$LILYVM_GUEST/vmlinux ] && exit 7";

    private readonly ScratchFolder scratch = new();

    public static TheoryData<string, int> Hosts =>
        [.. from v in LabVariant.All where !v.IsBuilt from cpus in (int[])[1, 2] select (v.Name, cpus)];

    public void Dispose() => scratch.Dispose();

    [Theory(Explicit = true)]
    [MemberData(nameof(Hosts))]
    public void Each_host_is_what_it_says_and_runs_lilyvm(string name, int cpus)
    {
        LabVariant variant = LabVariant.Find(name);
        string disk = scratch.Write("disk", "content\n".PadRight(1 << 20)), kept = scratch.Write("kept", "content\n".PadRight(1 << 20));
        Command.Result result = LabTests.LabWithI386(
            "--variant", name, "--cpus", $"{cpus}", "--disk", disk, "--disk", $"file={kept},snapshot=on", "--", "sh", "-c", Look);
        int levels = !variant.Cpu.EndsWith("-la57", StringComparison.Ordinal) && variant.Cpu != "Haswell" ? cpus : 0,
            isolated = variant.Cpu == "Haswell" ? cpus : 0;
        Assert.Equal($"{variant.Flavour}\n{cpus}\n{levels}\n{isolated}\ncontent\n", result.Output);
        Assert.Equal(7, result.Status);
        Assert.StartsWith("written\n", File.ReadAllText(disk), StringComparison.Ordinal);
        Assert.StartsWith("content\n", File.ReadAllText(kept), StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public void Interrupts_that_cannot_be_masked_arrive_while_the_command_runs()
    {
        Command.Result result = LabTests.Lab(
            "--nmi", "100", "--", "sh", "-c", "until [ $(awk '/NMI:/ { print $2 }' /proc/interrupts) -gt 100 ]; do :; done; echo many");
        Assert.Equal((0, "many\n"), (result.Status, result.Output));
    }

    [Fact(Explicit = true)]
    public void The_clock_can_count_instructions()
    {
        Command.Result result = LabTests.Lab("--icount", "--", "sh", "-c", "dmesg | grep -o 'Detected .* processor'");
        Assert.Matches("^Detected (999\\.9|1000\\.0)[0-9]{2} MHz processor\n$", result.Output); // Linux measures it
    }
}
