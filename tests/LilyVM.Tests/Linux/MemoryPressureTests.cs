using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Linux;

/// <summary>Programs of the guest that want more memory than it has, and a guest that wants more than its host gives.</summary>
public sealed class MemoryPressureTests(X64LinuxFixture linux) : ScratchTest
{
    private const string TakeAll = "#!/bin/sh\nawk 'BEGIN { for (;;) a[n++] = n }'\necho \"status $?\"\nls / >/dev/null && echo survived\n";

    [Fact]
    public void A_guest_survives_its_own_OOM_killer()
    {
        Command.Result result = Lilyvm.Run("", Boot(TakeAll));
        Assert.Equal((0, "Killed\nstatus 137\nsurvived\n", ""), (result.Status, result.Output, result.Error));
    }

    private string[] Boot(string script) =>
    [
        "boot", "--kernel", linux.Files.Kernel, "--initrd", linux.Files.Initrd, "--memory", "64M", "--script", Scratch.Write("script", script),
    ];
}
