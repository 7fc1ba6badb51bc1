using System.Text.RegularExpressions;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Cli;

/// <summary>Hosts and containers that lack what the user engine needs: a machine is refused with one sentence, and the doctor says the same.</summary>
public sealed class PoorHostTests(GuestBuild build)
{
    private const uint ModifyLdt = 154, TimerCreate = 222, Seccomp = 317, MemfdCreate = 319; // system calls of x86-64

    [Theory]
    [InlineData(ModifyLdt, DeniedCalls.NotPermitted, HostNeeds.ModifyLdt, "modify_ldt system call")]
    [InlineData(ModifyLdt, DeniedCalls.NotThere, HostNeeds.ModifyLdt, "modify_ldt system call")]
    [InlineData(ModifyLdt, DeniedCalls.Ended, HostNeeds.NoKills, "a test guest in 32-bit segments")]
    [InlineData(Seccomp, DeniedCalls.NotPermitted, HostNeeds.Seccomp, "seccomp filters that signal")]
    [InlineData(Seccomp, DeniedCalls.Ended, HostNeeds.NoKills, "a test guest in 32-bit segments")]
    [InlineData(MemfdCreate, DeniedCalls.NotPermitted, HostNeeds.MemoryFiles, "memory files (memfd_create)")]
    [InlineData(TimerCreate, DeniedCalls.NotPermitted, HostNeeds.Timers, "a test guest in 32-bit segments")]
    public void What_is_missing_is_one_sentence(uint call, uint verdict, string sentence, string feature)
    {
        string kernel = build.ForEngine("typist");
        Command.Result run = DeniedCalls.Run(call, verdict, () => Lilyvm.Run("q", "run", "--kernel", kernel, "--memory", "64M"));
        Assert.Equal((1, "", $"lilyvm: {sentence}\n"), (run.Status, run.Output, run.Error));

        Command.Result doctor = DeniedCalls.Run(call, verdict, () => Lilyvm.Run("", "doctor"));
        Assert.Equal((1, ""), (doctor.Status, doctor.Error));
        Assert.Matches($"(?m)^{Regex.Escape(feature)} +no: {Regex.Escape(sentence)}$", doctor.Output);
        Assert.Contains("\nEngine: none until the above is enabled", doctor.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void This_host_has_everything() => Assert.All(HostProbe.UserEngine(), f => Assert.True(f.IsPresent, f.Feature));
}
