using System.Diagnostics;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Linux;

/// <summary>
/// SIGKILL for the VM process while Linux boots and while it writes to a disk; bench/proofs/kill.sh does the same at many random moments.
/// </summary>
public sealed class KilledMachineTests(LinuxFixture linux) : ScratchTest
{
    private const int Kill = 9; // signal(7)

    private static readonly string Proofs = Path.Combine(Repository.Root, "bench", "proofs");

    [DirectTheory]
    [InlineData(0)] // boots
    [InlineData(1)]
    [InlineData(20)]
    public void Leaves_nothing_and_a_disk_that_recovers(int syncedFiles)
    {
        string disk = Scratch["disk"];
        Assert.Equal(0, Command.Run("mke2fs", ["-q", "-F", "-t", "ext4", "-J", "size=4", disk, "64M"]).Status);

        string[] load = Lilyvm.CommandLine(Boot(disk, Path.Combine(Proofs, "kill-load.sh")));
        using (Process machine = Process.Start(new ProcessStartInfo(load[0], load[1..]) { RedirectStandardOutput = true })!)
        {
            for (int i = 1; i <= syncedFiles; i++)
                Assert.Equal($"synced {i}", machine.StandardOutput.ReadLine());
            List<int> stubs = [];
            Assert.True(SpinWait.SpinUntil(() => (stubs = Lilyvm.Stubs(machine.Id)).Count > 1, TimeSpan.FromSeconds(60)),
                "It has no stubs.");
            Lilyvm.Signal(machine.Id, Kill);
            machine.WaitForEnd();
            Lilyvm.WaitUntilGone(stubs);
        }

        Command.Result verified = Verify(disk, syncedFiles);
        Assert.True(verified.Status == 0, verified.Output + verified.Error);
        if (syncedFiles > 0)
            Assert.Contains("recovery complete", verified.Output, StringComparison.Ordinal);
        Command.Result check = Command.Run("e2fsck", ["-fn", disk]);
        Assert.True(check.Status == 0, check.Output + check.Error);
    }

    [DirectFact]
    public void A_lost_file_would_be_noticed()
    {
        string disk = Scratch["disk"];
        Assert.Equal(0, Command.Run("mke2fs", ["-q", "-F", "-t", "ext4", disk, "64M"]).Status);
        Command.Result verified = Verify(disk, syncedFiles: 1);
        Assert.Equal(1, verified.Status);
        Assert.Contains("file1 is wrong or lost", verified.Output, StringComparison.Ordinal);
    }

    private Command.Result Verify(string disk, int syncedFiles)
    {
        string script = $"#!/bin/sh\nSYNCED={syncedFiles}\n" + File.ReadAllText(Path.Combine(Proofs, "kill-verify.sh"));
        return Lilyvm.Run("", Boot(disk, Scratch.Write("verify", script)));
    }

    // The disk is the script's, not the root file system.
    private string[] Boot(string disk, string script) =>
    [
        "boot", "-kernel", linux.Files.Kernel, "-initrd", linux.Files.Initrd, "-append", "lilyvm.root=", "-drive",
        $"file={disk},format=raw",
        "--script", script,
    ];
}
