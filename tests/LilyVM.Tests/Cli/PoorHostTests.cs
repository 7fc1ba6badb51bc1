using System.Text.RegularExpressions;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Linux;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Cli;

/// <summary>Hosts and containers that lack what the user engine needs: a machine is refused with one sentence, and the doctor says the same.</summary>
public sealed class PoorHostTests(GuestBuild build, LinuxFixture linux) : IDisposable
{
    private const uint Getppid = 110, ModifyLdt = 154, Prctl = 157, TimerCreate = 222, TimerSettime = 223, Seccomp = 317, MemfdCreate = 319; // of x86-64
    private const string TestGuest = "a test guest in 32-bit segments";

    private readonly ScratchFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [DirectTheory]
    [InlineData(ModifyLdt, DeniedCalls.NotPermitted, HostNeeds.ModifyLdt, "modify_ldt system call")]
    [InlineData(ModifyLdt, DeniedCalls.NotThere, HostNeeds.ModifyLdt, "modify_ldt system call")]
    [InlineData(ModifyLdt, DeniedCalls.WithoutEffect, HostNeeds.Segments, TestGuest)] // as where the processor has no LDT
    [InlineData(Seccomp, DeniedCalls.NotPermitted, HostNeeds.Seccomp, "seccomp filters that signal")]
    [InlineData(MemfdCreate, DeniedCalls.NotPermitted, HostNeeds.MemoryFiles, "memory files (memfd_create)")]
    [InlineData(TimerCreate, DeniedCalls.NotPermitted, HostNeeds.Timers, TestGuest)]
    [InlineData(DeniedCalls.OldCalls, DeniedCalls.Ended, HostNeeds.OldSystemCalls, TestGuest)]
    public void What_is_missing_is_one_sentence(uint call, uint verdict, string sentence, string feature)
    {
        string kernel = build.ForEngine("typist");
        Command.Result run = DeniedCalls.Run(call, verdict, () => Lilyvm.Run("q", "run", "--kernel", kernel, "--memory", "64M"));
        Assert.Equal((1, "", $"lilyvm: {sentence}\n"), (run.Status, run.Output, run.Error));

        Command.Result doctor = DeniedCalls.Run(call, verdict, () => Lilyvm.Run("", "doctor"));
        Assert.Equal((1, ""), (doctor.Status, doctor.Error));
        Assert.Matches($"(?m)^{Regex.Escape(feature)} +no: {Regex.Escape(sentence)}$", doctor.Output);
        Assert.Contains("does not need VT-x or AMD-V, nor IA-32 emulation", doctor.Output, StringComparison.Ordinal);
        Assert.Contains(
            sentence == HostNeeds.Segments ? "\nEngine: none, and nothing that can be enabled" : "\nEngine: none until the above is enabled", doctor.Output, StringComparison.Ordinal);
    }

    [DirectTheory]
    [InlineData(Prctl, "prctl", DeniedCalls.NotPermitted)]
    [InlineData(Getppid, "getppid", DeniedCalls.NotThere)]
    [InlineData(TimerSettime, "timer_settime", DeniedCalls.NotPermitted)]
    [InlineData(ModifyLdt, "modify_ldt", DeniedCalls.Signalled)]
    [InlineData(ModifyLdt, "modify_ldt", DeniedCalls.Ended)]
    [InlineData(TimerCreate, "timer_create", DeniedCalls.Signalled)]
    [InlineData(Seccomp, "seccomp", DeniedCalls.Signalled)]
    [InlineData(Seccomp, "seccomp", DeniedCalls.Ended)]
    public void A_call_that_a_profile_denies_is_named(uint call, string name, uint verdict) =>
        What_is_missing_is_one_sentence(call, verdict, HostNeeds.Call(name, verdict is DeniedCalls.Signalled or DeniedCalls.Ended), TestGuest);

    [DirectTheory]
    [InlineData(DeniedCalls.NotThere)]
    [InlineData(DeniedCalls.Signalled)]
    public void A_profile_that_lets_no_32_bit_calls_pass_does_no_harm(uint verdict)
    {
        Command.Result run = DeniedCalls.Run(DeniedCalls.OldCalls, verdict, () => Lilyvm.Run("", "run", "--kernel", build.ForEngine("user_gates")));
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.EndsWith("\nOK\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_segments_for_32_bit_code_a_boot_goes_to_QEMU()
    {
        string script = scratch.Write("script", "#!/bin/sh\necho from $(uname -m); exit 5\n");
        string[] boot = ["boot", "-kernel", linux.Files.Kernel, "-initrd", linux.Files.Initrd, "--script", script];
        Command.Result run = DeniedCalls.Run(ModifyLdt, DeniedCalls.WithoutEffect, () => Lilyvm.Run("", boot));
        Assert.Equal((5, "from i686\n"), (run.Status, run.Output));
        Assert.Equal($"lilyvm: {HostWithoutSegmentsException.Fact}, so the guest runs in QEMU (--engine native), many times slower.\n", run.Error);

        run = DeniedCalls.Run(ModifyLdt, DeniedCalls.WithoutEffect, () => Lilyvm.Run("", [.. boot, "--counters"]));
        string useless = $"lilyvm: {HostWithoutSegmentsException.Fact}, so only QEMU can run the guest here, with which --counters does not work; leave it out.\n";
        Assert.Equal((1, "", useless), (run.Status, run.Output, run.Error));
    }

    [Fact]
    public void A_script_that_does_not_end_in_QEMU_is_told_with_the_last_messages()
    {
        string script = scratch.Write("script", "#!/bin/sh\necho begun; reboot -f\n");
        Command.Result run = Lilyvm.Run("", "boot", "--engine", "native", "-kernel", linux.Files.Kernel, "-initrd", linux.Files.Initrd, "--script", script);
        Assert.Equal((MachineResult.FailureStatus, "begun\n"), (run.Status, run.Output));
        Assert.EndsWith("lilyvm: The script did not come to its end; the guest's last messages stand above.\n", run.Error, StringComparison.Ordinal);
    }

    [DirectFact]
    public void This_host_has_everything() => Assert.All(HostProbe.UserEngine(), f => Assert.True(f.IsPresent, f.Feature));
}
