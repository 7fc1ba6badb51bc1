using System.Text.RegularExpressions;
using LilyVM.Boot;
using LilyVM.Engines.User;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Linux;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Cli;

/// <summary>
/// Hosts and containers that lack what the user engine needs: a machine is refused with one sentence, and the doctor says the same.
/// </summary>
public sealed class PoorHostTests(GuestBuild build, X64GuestBuild x64, LinuxFixture linux, X64LinuxFixture x64Linux) : ScratchTest
{
    // System calls of x86-64.
    private const uint Mmap = 9, Getppid = 110, ModifyLdt = 154, Prctl = 157, TimerCreate = 222, TimerSettime = 223, Unshare = 272,
        Seccomp = 317, MemfdCreate = 319, Fsopen = 430;

    private const string TestGuest = "a test guest", SegmentsGuest = "a test guest in 32-bit segments";
    private const string NotYet = "none until the above is enabled; --engine native runs them in QEMU.";

    /// <summary>Calls of the stubs of either architecture, with their names and what a profile answers.</summary>
    public static TheoryData<uint, string, uint> DeniedToStubs { get; } = new()
    {
        { Prctl, "prctl", DeniedCalls.NotPermitted },
        { Getppid, "getppid", DeniedCalls.NotThere },
        { TimerSettime, "timer_settime", DeniedCalls.NotPermitted },
        { TimerCreate, "timer_create", DeniedCalls.Signalled },
        { Seccomp, "seccomp", DeniedCalls.Signalled },
        { Seccomp, "seccomp", DeniedCalls.Ended },
    };

    // The guest that is the default: these hosts have no engine for it, and it does not go to QEMU by itself.
    [Theory]
    [InlineData(Seccomp, DeniedCalls.NotPermitted, HostNeeds.Seccomp, "seccomp filters that signal")]
    [InlineData(MemfdCreate, DeniedCalls.NotPermitted, HostNeeds.MemoryFiles, "memory files (memfd_create)")]
    [InlineData(TimerCreate, DeniedCalls.NotPermitted, HostNeeds.Timers, TestGuest)]
    [InlineData(Mmap, DeniedCalls.NotPermitted, HostNeeds.LowAddresses, "addresses from 64 KiB", AddressRoom.Lowest)]
    public void What_an_x86_64_guest_misses_is_one_sentence(uint call, uint verdict, string sentence, string feature, ulong? first = null)
    {
        Command.Result boot = DeniedCalls.Run(call, verdict, () => Lilyvm.Run("", "boot", "--kernel", x64.Linked("flags"), "--memory", "64M"), first);
        Assert.Equal((1, "", $"lilyvm: {sentence}\n"), (boot.Status, boot.Output, boot.Error));

        Command.Result doctor = DeniedCalls.Run(call, verdict, () => Lilyvm.Run("", "doctor"), first);
        Assert.Equal((1, ""), (doctor.Status, doctor.Error));
        Assert.Matches($"(?m)^  {Regex.Escape(feature)} +no: {Regex.Escape(sentence)}$", doctor.Output);
        Assert.Contains($"\nx86-64 guests, the default: {NotYet}\n", doctor.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(DeniedToStubs))]
    public void A_call_that_a_profile_denies_to_an_x86_64_guest_s_stub_is_named(uint call, string name, uint verdict) =>
        What_an_x86_64_guest_misses_is_one_sentence(call, verdict,
            HostNeeds.Call(name, verdict is DeniedCalls.Signalled or DeniedCalls.Ended), TestGuest);

    // Where RAM in pages of 2 MiB comes from, which a machine can do without. Services have such profiles (systemd:
    // SystemCallFilter=@system-service).
    [Theory]
    [InlineData(Fsopen)]
    [InlineData(Unshare)]
    public void A_profile_that_ends_who_mounts_does_no_harm(uint call)
    {
        Command.Result boot = DeniedCalls.Run(call, DeniedCalls.Ended, () => Lilyvm.Run("", "boot", "--kernel", x64.Linked("flags")));
        Assert.Equal((0, ""), (boot.Status, boot.Error));
        Command.Result doctor = DeniedCalls.Run(call, DeniedCalls.Ended, () => Lilyvm.Run("", "doctor"));
        Assert.Equal((0, ""), (doctor.Status, doctor.Error));
    }

    [Fact]
    public void A_limit_of_address_space_is_told()
    {
        const string TooLow = "--as=50000000000000"; // more than .NET needs
        string[] Under(params string[] command) => [TooLow, .. Lilyvm.CommandLine(command)];
        Command.Result boot = Command.Run("prlimit", Under("boot", "--kernel", x64.Linked("flags")));
        Assert.Equal((1, "", $"lilyvm: {HostNeeds.AddressLimit}\n"), (boot.Status, boot.Output, boot.Error));
        Command.Result doctor = Command.Run("prlimit", Under("doctor"));
        Assert.Equal(1, doctor.Status);
        Assert.Matches($"(?m)^  no limit of address space +no: {Regex.Escape(HostNeeds.AddressLimit)}$", doctor.Output);
    }

    [Fact]
    public void Fewer_bits_of_addresses_are_told_and_this_host_has_them() // a stub that cannot be placed cannot be had here
    {
        const ulong Top = 0x6000_0000_0000;
        Assert.Equal(HostNeeds.AddressBits, DeniedCalls.Run(Mmap, DeniedCalls.NotPermitted, AddressRoom.Problem!, Top));
        Assert.Null(AddressRoom.Problem());
    }

    [Fact]
    public void Without_segments_for_32_bit_code_x86_64_guests_run_all_the_same()
    {
        Command.Result boot = DeniedCalls.Run(ModifyLdt, DeniedCalls.WithoutEffect,
            () => Lilyvm.Run("", "boot", "--kernel", x64.Linked("flags")));
        Assert.Equal((0, ""), (boot.Status, boot.Error));
        Command.Result doctor = DeniedCalls.Run(ModifyLdt, DeniedCalls.WithoutEffect, () => Lilyvm.Run("", "doctor"));
        Assert.Equal((0, ""), (doctor.Status, doctor.Error));
        Assert.Contains("\nx86-64 guests, the default: run directly, by the user engine.\n", doctor.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void This_host_has_all_that_x86_64_guests_need() =>
        Assert.All(HostProbe.UserEngine(GuestArchitecture.X64), f => Assert.False(f.IsObstacle, f.Feature));

    [DirectTheory]
    [InlineData(ModifyLdt, DeniedCalls.NotPermitted, HostNeeds.ModifyLdt, "modify_ldt system call")]
    [InlineData(ModifyLdt, DeniedCalls.NotThere, HostNeeds.ModifyLdt, "modify_ldt system call")]
    [InlineData(ModifyLdt, DeniedCalls.WithoutEffect, HostNeeds.Segments, SegmentsGuest)] // as where the processor has no LDT
    [InlineData(Seccomp, DeniedCalls.NotPermitted, HostNeeds.Seccomp, "seccomp filters that signal")]
    [InlineData(MemfdCreate, DeniedCalls.NotPermitted, HostNeeds.MemoryFiles, "memory files (memfd_create)")]
    [InlineData(TimerCreate, DeniedCalls.NotPermitted, HostNeeds.Timers, SegmentsGuest)]
    [InlineData(DeniedCalls.OldCalls, DeniedCalls.Ended, HostNeeds.OldSystemCalls, SegmentsGuest)]
    public void What_is_missing_is_one_sentence(uint call, uint verdict, string sentence, string feature)
    {
        string kernel = build.ForEngine("typist");
        Command.Result run = DeniedCalls.Run(call, verdict, () => Lilyvm.Run("q", "run", "--kernel", kernel, "--memory", "64M"));
        Assert.Equal((1, "", $"lilyvm: {sentence}\n"), (run.Status, run.Output, run.Error));

        Command.Result doctor = DeniedCalls.Run(call, verdict, () => Lilyvm.Run("", "doctor"));
        bool isOf32BitCode = call is ModifyLdt or DeniedCalls.OldCalls; // which x86-64 guests do without
        Assert.Equal((isOf32BitCode ? 0 : 1, ""), (doctor.Status, doctor.Error));
        Assert.Matches($"(?m)^  {Regex.Escape(feature)} +no: {Regex.Escape(sentence)}$", doctor.Output);
        Assert.Contains("does not need VT-x or AMD-V, nor IA-32 emulation", doctor.Output, StringComparison.Ordinal);
        string verdicts = sentence == HostNeeds.Segments ? "run in QEMU (--engine native), many times slower" : NotYet;
        Assert.Contains("\nIA-32 guests (--arch i386): " + verdicts, doctor.Output, StringComparison.Ordinal);
    }

    [DirectTheory]
    [MemberData(nameof(DeniedToStubs))]
    [InlineData(ModifyLdt, "modify_ldt", DeniedCalls.Signalled)]
    [InlineData(ModifyLdt, "modify_ldt", DeniedCalls.Ended)]
    public void A_call_that_a_profile_denies_is_named(uint call, string name, uint verdict) =>
        What_is_missing_is_one_sentence(call, verdict, HostNeeds.Call(name, verdict is DeniedCalls.Signalled or DeniedCalls.Ended),
            SegmentsGuest);

    [DirectTheory]
    [InlineData(DeniedCalls.NotThere)]
    [InlineData(DeniedCalls.Signalled)]
    public void A_profile_that_lets_no_32_bit_calls_pass_does_no_harm(uint verdict)
    {
        Command.Result run = DeniedCalls.Run(DeniedCalls.OldCalls, verdict,
            () => Lilyvm.Run("", "run", "--kernel", build.ForEngine("user_gates")));
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.EndsWith("\nOK\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_segments_for_32_bit_code_an_IA_32_guest_goes_to_QEMU()
    {
        string[] boot = ["boot", "--kernel", build.ForEngine("typist")];
        Command.Result run = DeniedCalls.Run(ModifyLdt, DeniedCalls.WithoutEffect, () => Lilyvm.Run("abq", boot));
        string told = $"lilyvm: {HostWithoutSegmentsException.Fact}, so the guest runs in QEMU (--engine native), many times slower.\n";
        Assert.Equal((7, "ready\nab", told), (run.Status, run.Output.ReplaceLineEndings("\n"), run.Error));

        run = DeniedCalls.Run(ModifyLdt, DeniedCalls.WithoutEffect, () => Lilyvm.Run("", [.. boot, "--counters"]));
        string useless = $"lilyvm: {HostWithoutSegmentsException.Fact}, so only QEMU can run the guest here, with which --counters " +
            "does not work; leave it out.\n";
        Assert.Equal((1, "", useless), (run.Status, run.Output, run.Error));
    }

    [Fact(Explicit = true)]
    [Trait("Takes", "minutes")]
    public void A_script_runs_in_QEMU_too_where_there_are_no_segments()
    {
        string script = Scratch.Write("script", "#!/bin/sh\necho from $(uname -m); exit 5\n");
        string[] boot = ["boot", "-kernel", linux.Files.Kernel, "-initrd", linux.Files.Initrd, "--script", script];
        Command.Result run = DeniedCalls.Run(ModifyLdt, DeniedCalls.WithoutEffect, () => Lilyvm.Run("", boot));
        Assert.Equal((5, "from i686\n"), (run.Status, run.Output));
        Assert.Equal($"lilyvm: {HostWithoutSegmentsException.Fact}, so the guest runs in QEMU (--engine native), many times slower.\n",
            run.Error);
    }

    [Fact]
    public void A_script_that_does_not_end_in_QEMU_is_told_with_the_last_messages()
    {
        string script = Scratch.Write("script", "#!/bin/sh\necho begun; reboot -f\n");
        Command.Result run = Lilyvm.Run("", "boot", "--engine", "native", "-kernel", x64Linux.Files.Kernel, "-initrd",
            x64Linux.Files.Initrd, "--script", script);
        Assert.Equal((MachineResult.FailureStatus, "begun\n"), (run.Status, run.Output));
        Assert.EndsWith("lilyvm: The script did not come to its end; the guest's last messages stand above.\n", run.Error,
            StringComparison.Ordinal);
    }

    [DirectFact]
    public void This_host_has_everything() => Assert.All(HostProbe.UserEngine(GuestArchitecture.Ia32),
        f => Assert.True(f.IsPresent, f.Feature));
}
