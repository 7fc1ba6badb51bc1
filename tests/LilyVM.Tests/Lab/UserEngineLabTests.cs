using LilyVM.Tests.Engines;
using LilyVM.Tests.Guests;

namespace LilyVM.Tests.Lab;

/// <summary>
/// The user engine in the lab, so that it is tested on hosts, too, whose own processor runs no 32-bit code. QEMU takes a program's far call
/// for a violation of SMAP, hence the option (docs/lab.md).
/// </summary>
public sealed class UserEngineLabTests(GuestBuild build)
{
    // TCG checks no segment limits, which keep programs out of their kernel here.
    private static readonly string[] NeedLimits = ["user_faults", "user_segments"];

    private static readonly string[] WithoutSmap = ["--kernel-args", "clearcpuid=smap"];

    [Fact]
    public void Converted_guests_print_what_the_originals_print_on_QEMU() =>
        GuestsInLab.AssertAsOnQemu(build, "user", GuestDifferences.Comparable.Except(NeedLimits, StringComparer.Ordinal), WithoutSmap);

    [Fact(Explicit = true)]
    [Trait("Takes", "minutes")]
    public void Linux_boots_and_runs_processes() => GuestsInLab.AssertLinuxWorks(WithoutSmap, "user");
}
