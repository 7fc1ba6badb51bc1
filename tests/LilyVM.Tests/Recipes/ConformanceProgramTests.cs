using LilyVM.Tests.Support;

namespace LilyVM.Tests.Recipes;

/// <summary>
/// The conformance programs of the moved address space can be built, and what they check that has nothing to do with the kernel's place
/// holds on any x86-64 Linux, this host's too: a program that fails here would accuse the guest wrongly.
/// </summary>
public sealed class ConformanceProgramTests : IDisposable
{
    private static readonly string Sources = Path.Combine(Repository.Root, "guests", "linux", "x64", "conformance");

    private readonly ScratchFolder scratch = new();

    public static TheoryData<string> Names =>
        new(Directory.EnumerateFiles(Sources, "*.c").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_can_be_built(string name) => Build(name);

    [Theory]
    [InlineData("bases")]
    [InlineData("threads")]
    public void What_does_not_depend_on_the_kernels_place_holds_on_the_host(string name)
    {
        Command.Result result = Command.Run(Build(name), []);
        Assert.Equal(0, result.Status);
        Assert.EndsWith("\n0 failed\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_accesses_to_kernel_addresses_that_no_host_maps_there_are_seen()
    {
        // Natively the lower half is the programs', so some lines must say FAIL or ok by chance; the upper half is nobody's.
        Command.Result result = Command.Run(Build("accesses"), []);
        Assert.Contains("ok   0xffffffff81000000: signals 11 11 11\n", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("FAIL 0xffff", result.Output, StringComparison.Ordinal);
    }

    public void Dispose() => scratch.Dispose();

    private string Build(string name)
    {
        string program = scratch[name];
        Command.Result result = Command.Run(
            "gcc", ["-O1", "-Wall", "-Wextra", "-Werror", "-static", "-pthread", "-o", program, Path.Combine(Sources, name + ".c")]);
        Assert.True(result.Status == 0, result.Error);
        return program;
    }
}
