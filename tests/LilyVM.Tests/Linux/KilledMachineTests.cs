using System.Diagnostics;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Linux;

/// <summary>
/// SIGKILL for the VM process while Linux boots and while it writes to a disk, for guests of both architectures;
/// bench/proofs/kill.sh does the same at many random moments.
/// </summary>
public sealed class KilledMachineTests(LinuxFixture linux, X64LinuxFixture x64Linux) : ScratchTest
{
    private const int Kill = 9; // signal(7)

    private static readonly string Proofs = Path.Combine(Repository.Root, "bench", "proofs");

    // How many files were synced at the kill; with none, the guest boots.
    [DirectTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20)]
    public void An_IA_32_machine_leaves_nothing_and_a_disk_that_recovers(int syncedFiles) =>
        LeavesADiskThatRecovers(linux, syncedFiles);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20)]
    public void An_x86_64_machine_leaves_nothing_and_a_disk_that_recovers(int syncedFiles) =>
        LeavesADiskThatRecovers(x64Linux, syncedFiles);

    [Fact]
    public void A_lost_file_would_be_noticed()
    {
        string disk = Scratch["disk"];
        Assert.Equal(0, Command.Run("mke2fs", ["-q", "-F", "-t", "ext4", disk, "64M"]).Status);
        Command.Result verified = Verify(x64Linux, disk, syncedFiles: 1);
        Assert.Equal(1, verified.Status);
        Assert.Contains("file1 is wrong or lost", verified.Output, StringComparison.Ordinal);
    }

    private void LeavesADiskThatRecovers(LinuxFixture guest, int syncedFiles)
    {
        string disk = Scratch["disk"];
        Assert.Equal(0, Command.Run("mke2fs", ["-q", "-F", "-t", "ext4", "-J", "size=4", disk, "64M"]).Status);

        string[] load = Lilyvm.CommandLine(Boot(guest, disk, Path.Combine(Proofs, "kill-load.sh")));
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

        Command.Result verified = Verify(guest, disk, syncedFiles);
        Assert.True(verified.Status == 0, verified.Output + verified.Error);
        if (syncedFiles > 0)
            Assert.Contains("recovery complete", verified.Output, StringComparison.Ordinal);
        Command.Result check = Command.Run("e2fsck", ["-fn", disk]);
        Assert.True(check.Status == 0, check.Output + check.Error);
    }

    private Command.Result Verify(LinuxFixture guest, string disk, int syncedFiles)
    {
        string script = $"#!/bin/sh\nSYNCED={syncedFiles}\n" + File.ReadAllText(Path.Combine(Proofs, "kill-verify.sh"));
        return Lilyvm.Run("", Boot(guest, disk, Scratch.Write("verify", script)));
    }

    // The disk is the script's, not the root file system.
    private static string[] Boot(LinuxFixture guest, string disk, string script) =>
    [
        "boot", "-kernel", guest.Files.Kernel, "-initrd", guest.Files.Initrd, "-append", "lilyvm.root=", "-drive",
        $"file={disk},format=raw",
        "--script", script,
    ];
}
