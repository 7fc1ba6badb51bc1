using LilyVM.Tests.Engines;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Lab;

/// <summary>The kernel engine, in the lab, where its module may be loaded. QEMU is the oracle again.</summary>
public sealed class KernelEngineLabTests(GuestBuild build) : ScratchTest
{
    [Fact]
    public void Converted_guests_print_what_the_originals_print_on_QEMU() =>
        GuestsInLab.AssertAsOnQemu(build, "kernel", GuestDifferences.Comparable);

    [Theory(Explicit = true)]
    [Trait("Takes", "minutes")]
    [InlineData("sync")]
    [InlineData("lazy")]
    [InlineData("scan")]
    public void Linux_boots_and_runs_processes_under_each_policy(string mmu) =>
        GuestsInLab.AssertLinuxWorks([], "kernel", "--mmu", mmu, "--fpu", mmu == "scan" ? "eager" : "lazy");

    [Fact(Explicit = true)]
    [Trait("Takes", "minutes")]
    public void Linux_computes_right_under_interrupts_that_cannot_be_masked()
    {
        // Linux tells of each that it does not know
        const string Quietly = "echo 0 >/proc/sys/kernel/printk; exec lilyvm boot --engine kernel --script load.sh";
        Command.Result result = LabTests.LabWithI386(
            "--nmi", "500", "--file", Scratch.Write("load.sh", GuestsInLab.Load), "--", "sh", "-c", Quietly);
        Assert.Equal((7, "i686\n"), (result.Status, result.Output.ReplaceLineEndings("\n")));
    }

    // A swap device that is real to the lab's kernel; twice, as bench/proofs/kernel-swap.sh does with a compiler.
    [Fact(Explicit = true)]
    [Trait("Takes", "minutes")]
    public void Linux_computes_right_while_the_host_swaps_its_memory_out()
    {
        string proofs = Path.Combine(Repository.Root, "bench", "proofs"), swap = Scratch["swap"];
        using (FileStream file = File.Create(swap))
            file.SetLength(256 << 20);
        string[] names = ["kernel-swap-lab.sh", "kernel-lab.sh", "kernel-load.sh", "../../native/module/tests/memory.sh"];
        IEnumerable<string> files = names.SelectMany(f => new[] { "--file", Path.Combine(proofs, f) });
        Command.Result result = LabTests.LabWithI386(["--timeout", "900", "--disk", swap, .. files, "--", "sh", "kernel-swap-lab.sh", "1"]);
        Assert.True(result.Status == 0, result.Output + result.Error);
        Assert.Equal(2, result.Output.Split("1 rounds right, status 0").Length - 1);
    }
}
