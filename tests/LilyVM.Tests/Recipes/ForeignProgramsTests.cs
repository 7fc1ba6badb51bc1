using System.Diagnostics;
using LilyVM.Cli.Guests;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Recipes;

/// <summary>i386 programs on this host, whether it can run them itself or QEMU must.</summary>
public sealed class ForeignProgramsTests
{
    [Fact]
    public void I386_programs_run_while_it_is_wanted_and_nothing_stays_behind()
    {
        GuestCache cache = GuestCache.Find();
        StepProgress progress = new LineProgress(Console.Error);
        try
        {
            using ForeignPrograms programs = ForeignPrograms.Enable(cache, progress);
            Assert.Equal(0, Command.Run(LinuxRecipe.I386.Busybox.Get(cache, progress).Path, ["true"]).Status);
        }
        catch (LilyVMException e) when (!Environment.IsPrivilegedProcess)
        {
            Assert.EndsWith("run this command as root.", e.Message, StringComparison.Ordinal);
        }
        Assert.False(File.Exists(Path.Combine(ForeignPrograms.Registry, ForeignPrograms.Name(Environment.ProcessId))));
    }

    [Fact]
    public void The_emulator_may_lie_at_a_path_with_blanks_and_colons()
    {
        string line = ForeignPrograms.Registration("name", "/a b:c/qemu");
        string[] fields = line[1..].Split(line[0]);
        Assert.Equal(["name", "M", "", "/a b:c/qemu", "PF"], [.. fields[..3], .. fields[5..]]);
    }

    [Fact]
    public void What_a_killed_lilyvm_left_goes_and_that_of_living_and_of_strange_ones_stays()
    {
        using var scratch = new ScratchFolder();
        using var ended = Process.Start("true");
        ended.WaitForExit();
        string stale = scratch.Write(ForeignPrograms.Name(ended.Id), "enabled"),
            living = scratch.Write(ForeignPrograms.Name(Environment.ProcessId), "enabled");
        string elsewhere = scratch.Write("lilyvm-i386-1-" + ended.Id, "enabled"), other = scratch.Write("qemu-i386", "enabled");
        ForeignPrograms.RemoveStale(Path.GetDirectoryName(stale)!);
        Assert.Equal(["-1", "enabled", "enabled", "enabled"], ((string[])[stale, living, elsewhere, other]).Select(File.ReadAllText));
    }
}
