using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Linux;

/// <summary>Programs of the guest that want more memory than it has, and a guest that wants more than its host gives.</summary>
public sealed class MemoryPressureTests(X64LinuxFixture linux) : ScratchTest
{
    private const string TakeAll = "#!/bin/sh\nawk 'BEGIN { for (;;) a[n++] = n }'\necho \"status $?\"\nls / >/dev/null && echo survived\n";

    private const string FillFiles = "#!/bin/sh\ndd if=/dev/zero of=/tmp/zeros bs=1M count=400 2>/dev/null\necho filled\n";
    private const long GroupBytes = 256 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2); // it takes seconds

    [Fact]
    public void A_guest_survives_its_own_OOM_killer()
    {
        Command.Result result = Lilyvm.Run("", Boot(TakeAll, "64M"));
        Assert.Equal((0, "Killed\nstatus 137\nsurvived\n", ""), (result.Status, result.Output, result.Error));
    }

    // The host's kernel ends a stub, for which its OOM score was raised, and with it the machine.
    [Fact]
    public void A_host_that_gives_no_more_ends_the_machine_with_a_sentence()
    {
        using MemoryGroup? group = MemoryGroup.TryMake(GroupBytes);
        Assert.SkipWhen(group is null, "no memory cgroup can be made here");
        string[] inside = group.CommandLine(Lilyvm.CommandLine(Boot(FillFiles, "512M")));
        Command.Result result = Command.Run(inside[0], inside[1..], limit: Limit);
        Assert.Equal((MachineResult.FailureStatus, ""), (result.Status, result.Output));
        Assert.EndsWith(
            "\nlilyvm: A stub process was ended by signal 9; somebody killed it, or the host ran out of memory.\n"
                + "lilyvm: The script did not come to its end; the guest's last messages stand above.\n",
            result.Error,
            StringComparison.Ordinal);
    }

    private string[] Boot(string script, string memory) =>
    [
        "boot", "--kernel", linux.Files.Kernel, "--initrd", linux.Files.Initrd, "--memory", memory,
        "--script", Scratch.Write("script", script),
    ];
}
