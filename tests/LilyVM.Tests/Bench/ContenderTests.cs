using LilyVM.Bench.Contenders;
using LilyVM.Bench.Run;
using LilyVM.Bench.Setup;
using LilyVM.Bench.Workloads;
using LilyVM.Cli.Guests;
using LilyVM.Tests.Recipes;

namespace LilyVM.Tests.Bench;

public sealed class ContenderTests : ScratchTest
{
    private static readonly BenchSystem X64 = new(BenchTarget.X64, "/system"), I386 = new(BenchTarget.I386, "/system");

    [Fact]
    public void A_machine_has_the_architecture_and_the_memory_of_its_system()
    {
        string Line(BenchSystem system, bool withDisk) => string.Join(' ', Engine(system).Start("true", Scratch.Path, withDisk).Arguments);
        Assert.StartsWith("boot --arch x86_64 --engine user --memory 1024M --drive file=/system/disk.ext4,snapshot=on ", Line(X64, true),
            StringComparison.Ordinal);
        Assert.StartsWith("boot --arch i386 --engine user --memory 512M --drive ", Line(I386, true), StringComparison.Ordinal);
        Assert.DoesNotContain("--drive", Line(X64, false), StringComparison.Ordinal);
    }

    [Fact]
    public void The_host_runs_the_tree_s_programs_as_those_of_their_architecture()
    {
        string Line(HostItself host) => string.Join(' ', host.Start("true", Scratch.Path, withDisk: true).Arguments);
        Assert.Contains("/system/tree x86_64 1 ", Line(new HostItself(X64)), StringComparison.Ordinal);
        Assert.Contains("/system/tree i686 1 ", Line(new HostItself(I386)), StringComparison.Ordinal);
        Assert.DoesNotContain("GLIBC_TUNABLES", Line(new HostItself(X64)), StringComparison.Ordinal);
        Assert.Contains(" env GLIBC_TUNABLES=glibc.malloc.hugetlb=1 sh ", Line(new HostItself(X64, withLargePages: true)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Each_does_what_it_can_be_asked_for()
    {
        var host = new HostItself(X64);
        var large = new HostItself(X64, withLargePages: true);
        var qemu = new Qemu(X64, () => throw new InvalidOperationException());
        var uml = new UserModeLinux(X64, () => ("", ""));
        var gvisor = new GVisor(X64, () => ("", ""));
        Workload start = new BootWorkload(WithDisk: true), bare = new BootWorkload(WithDisk: false), compile = new CompileWorkload(".");
        Contender[] all = [host, large, Engine(X64), qemu, uml, gvisor];
        string Names(Workload workload) => string.Join(' ', all.Where(c => c.Runs(workload)).Select(c => c.Name));
        Assert.Equal("native native-thp user qemu uml gvisor", Names(compile));
        Assert.Equal("native user qemu uml gvisor", Names(new ShellWorkload()));
        Assert.Equal("user qemu uml gvisor", Names(start));
        Assert.Equal("user qemu", Names(bare));
        Assert.Equal("native user qemu uml", Names(MemoryWorkload.Most));
        Assert.Equal("native user", Names(CountWorkload.All[0]));
        Assert.Equal(["uml", "gvisor"], all.Where(c => c.IsForeign).Select(c => c.Name));
    }

    [Fact]
    public void One_that_cannot_be_had_is_left_out()
    {
        var skipped = new Dictionary<string, string>();
        var gone = new UserModeLinux(X64, () => throw new LilyVMException("apt cannot download user-mode-linux."));
        Assert.Empty(ContenderChoice.Ready([gone], skipped, new LineProgress(TextWriter.Null)));
        Assert.Equal("apt cannot download user-mode-linux", skipped["uml"]);
    }

    [Fact]
    public void Memory_beyond_the_guest_s_is_told_by_whoever_counts_that()
    {
        ScriptResult held = new()
        {
            Status = 0,
            Lines = [],
            LastOutput = "",
            Errors = "{\"ram-mebibytes-taken\": 70}",
            Seconds = 1,
            HeldBytes = 100 << 20,
        };
        Assert.Equal(30, MemoryWorkload.Most.Rows(held)["memory-65M-beyond-ram"].Single());
        Assert.Equal(["memory-65M"], MemoryWorkload.Most.Rows(held with { Errors = "" }).Keys);
    }

    [Fact]
    public void A_host_that_runs_no_guest_directly_measures_the_default() => Assert.NotEmpty(BenchTarget.OfThisHost());

    private static LilyVMEngine Engine(BenchSystem system) => new(LilyVMEngine.User, "lilyvm", system, () => { });
}
