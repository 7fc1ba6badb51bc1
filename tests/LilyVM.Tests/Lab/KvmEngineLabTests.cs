using LilyVM.Tests.Engines;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Lab;

/// <summary>
/// The kernel hypervisor in ring 0 of a KVM guest, in the lab, whose emulated processor virtualizes: the second host that the portable half
/// of the kernel module runs on. The lab's kernel module stays unused.
/// </summary>
public sealed class KvmEngineLabTests(GuestBuild build) : IDisposable
{
    // Under each policy; a machine that waits and computes, which only its host's timer can interrupt; one that is stopped while it
    // computes; and what is said without the device.
    private const string Policies = """
        for policies in "sync lazy" "lazy lazy" "scan eager"; do
            lilyvm boot --engine kvm --mmu ${policies% *} --fpu ${policies#* } --script load.sh
            echo "$policies: $?"
        done
        lilyvm boot --engine kvm --script wait.sh
        lilyvm boot --engine kvm --script spin.sh >spin &
        until grep -q spinning spin; do sleep 1; done
        kill $!
        wait $!
        echo "stopped: $?"
        lilyvm doctor | grep ^KVM
        rm /dev/kvm
        lilyvm boot --engine kvm --script wait.sh
        """;

    private const string Wait = """
        sleep 1
        (while :; do :; done) &
        sleep 1
        kill $!
        echo waited
        """;

    private const string Spin = """
        echo spinning
        while :; do :; done
        """;

    // 1,165 timer interrupts a second: on a busy computer each takes longer here than the next needs to come, and nothing else gets its
    // turn.
    private static readonly string[] TooFast = ["user_interrupts"];

    private readonly ScratchFolder scratch = new();

    /// <summary>A host with KVM. A virtualized processor inside an emulated one takes its time.</summary>
    internal static string[] Options => ["--kvm", "--timeout", "600"];

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void Converted_guests_print_what_the_originals_print_on_QEMU() =>
        GuestsInLab.AssertAsOnQemu(build, "kvm", GuestDifferences.Comparable.Except(TooFast, StringComparer.Ordinal), Options);

    [Fact(Explicit = true)]
    [Trait("Takes", "minutes")]
    public void Linux_boots_and_runs_processes_under_each_policy()
    {
        string[] scripts = [scratch.Write("load.sh", GuestsInLab.Load), scratch.Write("wait.sh", Wait), scratch.Write("spin.sh", Spin)];
        IEnumerable<string> files = scripts.SelectMany(s => new[] { "--file", s });
        Command.Result result = LabTests.LabWithI386(
            [.. Options, .. files, "--file", scratch.Write("policies.sh", Policies), "--", "sh", "policies.sh"]);
        Assert.Matches(
            "^i686\nsync lazy: 7\ni686\nlazy lazy: 7\ni686\nscan eager: 7\nwaited\nstopped: 143\nKVM, for IA-32 guests: --engine kvm " +
            "(works here|would be slow), .* ns an instruction.*\n$",
            result.Output.ReplaceLineEndings("\n"));
        Assert.Equal(1, result.Status);
        Assert.EndsWith("lilyvm: There is no /dev/kvm: load the module kvm-intel or kvm-amd on a host that has virtualization, or use " +
            "--engine user.\n", result.Error, StringComparison.Ordinal);
    }
}
