using LilyVM.Cli.Lab;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Lab;

/// <summary>The variant whose kernel is built. The build itself takes too long for tests: bench/proofs/kernel-debug.sh.</summary>
public sealed class DebugKernelTests : IDisposable
{
    private readonly ScratchFolder scratch = new();

    private static IEnumerable<string> Configuration =>
        File.ReadLines(Path.Combine(Repository.Root, "lab", "debug.config"))
        .Where(l => l.StartsWith("CONFIG_", StringComparison.Ordinal) || l.EndsWith(" is not set", StringComparison.Ordinal));

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void Its_variant_alone_is_built_and_has_no_KVM() =>
        Assert.Equal(["debug"], LabVariant.All.Where(v => v.IsBuilt && !v.HasKvm).Select(v => v.Name));

    [Fact]
    public void Its_configuration_speaks_of_each_option_once()
    {
        IEnumerable<string> names = Configuration.Select(l => l.StartsWith('#') ? l.Split(' ')[1] : l.Split('=')[0]);
        Assert.Empty(names.GroupBy(n => n).Where(g => g.Count() > 1).Select(g => g.Key));
    }

    [Theory]
    [InlineData("PROVE_LOCKING")]
    [InlineData("DEBUG_ATOMIC_SLEEP")]
    [InlineData("DEBUG_PREEMPT")]
    [InlineData("DEBUG_ENTRY")]
    [InlineData("KASAN_GENERIC")]
    [InlineData("PAGE_POISONING")]
    [InlineData("SLUB_DEBUG")]
    [InlineData("DEBUG_LIST")]
    [InlineData("DEBUG_VM")]
    [InlineData("DEBUG_OBJECTS_TIMERS")]
    public void It_watches(string option) => Assert.Contains($"CONFIG_{option}=y", Configuration);

    [Fact]
    public void A_kernel_without_modules_needs_no_drivers()
    {
        scratch.Write("boot/vmlinuz-6.1.0-test", "");
        var kernel = new HostKernel(scratch["."]);
        Assert.Equal("6.1.0-test", kernel.Release);
        Assert.EndsWith("usr/src/linux-headers-6.1.0-test", kernel.Headers, StringComparison.Ordinal);
        Assert.Empty(kernel.DiskDrivers);
        Directory.CreateDirectory(scratch["lib/modules/6.1.0-test/kernel"]);
        Assert.EndsWith("drivers/block/virtio_blk.ko", kernel.DiskDrivers.Last(), StringComparison.Ordinal);
    }
}
