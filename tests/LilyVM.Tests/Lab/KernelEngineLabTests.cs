using LilyVM.Tests.Engines;
using LilyVM.Tests.Guests;

namespace LilyVM.Tests.Lab;

/// <summary>The kernel engine, in the lab, where its module may be loaded. QEMU is the oracle again.</summary>
public sealed class KernelEngineLabTests(GuestBuild build)
{
    [Fact]
    public void Converted_guests_print_what_the_originals_print_on_QEMU() => GuestsInLab.AssertAsOnQemu(build, "kernel", GuestDifferences.Comparable);

    [Theory]
    [InlineData("sync")]
    [InlineData("lazy")]
    [InlineData("scan")]
    public void Linux_boots_and_runs_processes_under_each_policy(string mmu) =>
        GuestsInLab.AssertLinuxWorks([], "kernel", "--mmu", mmu, "--fpu", mmu == "scan" ? "eager" : "lazy");
}
