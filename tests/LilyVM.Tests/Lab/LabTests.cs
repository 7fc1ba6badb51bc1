using LilyVM.Cli.Guests;
using LilyVM.Tests.Linux;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Lab;

/// <summary>The lab itself, each boot asking as much as it can: what comes out of it, and what it makes of ends that are none.</summary>
public sealed class LabTests : ScratchTest
{
    [Fact]
    public void A_command_runs_in_its_folder_and_its_streams_and_status_come_out_apart()
    {
        string given = Scratch.Write("given", "what was given\n"), log = Scratch["log"];
        Command.Result result = Lab(
            "--file", given, "--kernel-log", log, "--kernel-args", "lilyvm.told",
            "--", "sh", "-c", "uname -sm; pwd; cat given; grep -o lilyvm.told /proc/cmdline; echo \"$0's problem\" >&2; exit 137", "it");
        Assert.Equal("Linux x86_64\n/work\nwhat was given\nlilyvm.told\n", result.Output);
        Assert.Equal(137, result.Status);
        Assert.EndsWith("it's problem\n", result.Error, StringComparison.Ordinal); // the first time, after the progress of a download
        Assert.Contains("reboot: Restarting system", File.ReadAllText(log), StringComparison.Ordinal);
    }

    [Fact]
    public void A_crash_of_the_kernel_is_a_failure_with_its_messages()
    {
        Command.Result result = Lab("--", "sh", "-c", "echo before; echo c >/proc/sysrq-trigger; sleep 60");
        Assert.Equal((125, "before\n"), (result.Status, result.Output));
        Assert.Contains("sysrq_handle_crash", result.Error, StringComparison.Ordinal); // the call trace
        Assert.EndsWith(
            "lilyvm: The lab's kernel reports a bug, \"Kernel panic - not syncing: sysrq triggered crash\"; its last messages stand " +
            "above.\n",
            result.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_that_does_not_end_is_ended()
    {
        Command.Result result = Lab("--timeout", "1", "--", "sleep", "1000");
        Assert.Equal(124, result.Status);
        Assert.EndsWith("lilyvm: The lab did not end within 1 s; give it more with --timeout.\n", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("No command was given; write it after --, as in `lilyvm lab -- uname -a`, or use `lilyvm lab shell`.")]
    [InlineData("Cannot read /nonexistent: there is no such file.", "--file", "/nonexistent", "--", "true")]
    [InlineData("Cannot read /nonexistent: there is no such file.", "--disk", "/nonexistent", "--", "true")]
    [InlineData("'cache=none' in --disk is not understood; there are file, format, readonly, snapshot and keyfile.", "--disk",
        "file=x,cache=none", "--", "true")]
    [InlineData("'vax' is no variant of the lab, which are: cloud, cloud-4level, cloud-pti, generic, generic-4level, generic-pti, debug.",
        "--variant", "vax", "--", "true")]
    [InlineData("--nmi works with a command only; leave it out.", "--nmi", "1", "shell")]
    [InlineData("--icount works with one processor only; leave out --cpus.", "--icount", "--cpus", "2", "--", "true")]
    [InlineData("--kvm works with cloud and cloud-4level only; choose one of these as --variant.", "--kvm", "--variant", "generic", "--",
        "true")]
    public void A_mistake_is_one_sentence(string sentence, params string[] arguments)
    {
        using var errors = new StringWriter { NewLine = "\n" };
        Assert.Equal(1, LilyVM.Cli.Program.Run(["lab", .. arguments], TextWriter.Null, errors));
        Assert.Equal($"lilyvm: {sentence}\n", errors.ToString());
    }

    /// <summary>The lab with the x86-64 Linux guest in it, which other tests need, too.</summary>
    internal static Command.Result Lab(params string[] arguments) => Lab(Lilyvm.RunLimit, arguments);

    /// <summary>The same for commands that take longer.</summary>
    internal static Command.Result Lab(TimeSpan limit, string[] arguments)
    {
        LinuxFiles guest = LinuxFixture.Build(LinuxRecipe.X64);
        using var folder = new ScratchFolder();
        File.CreateSymbolicLink(folder[PreparedLinux.KernelName], guest.Kernel);
        File.CreateSymbolicLink(folder[PreparedLinux.InitrdName], guest.Initrd);
        return Lilyvm.Run("", ["lab", .. arguments], limit, (PreparedLinux.GuestVariable, folder.Path));
    }

    /// <summary>The lab as users have it, with the i386 Linux guest.</summary>
    internal static Command.Result LabWithI386(params string[] arguments)
    {
        LinuxFixture.Build(LinuxRecipe.I386);
        return Lilyvm.Run("", ["lab", .. arguments]);
    }
}
