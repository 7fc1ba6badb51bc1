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
        using (cache.Lock(() => { }))
        {
            try
            {
                using ForeignPrograms programs = ForeignPrograms.Enable(cache, progress);
                Assert.Equal(0, Command.Run(LinuxInitrd.Busybox.Get(cache, progress).Path, ["true"]).Status);
            }
            catch (LilyVMException e) when (!Environment.IsPrivilegedProcess)
            {
                Assert.EndsWith("run this command as root.", e.Message, StringComparison.Ordinal);
            }
        }
        Assert.False(File.Exists(Path.Combine(ForeignPrograms.Registry, $"lilyvm-i386-{Environment.ProcessId}")));
    }
}
