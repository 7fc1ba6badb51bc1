using LilyVM.Cli.Guests;
using LilyVM.Cli.Lab;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Lab;

/// <summary>
/// The kernel module alone (native/module/tests), built for a small hypervisor that does what the tests ask, hostile calls among it.
/// </summary>
public sealed class ModuleLabTests : IDisposable
{
    private const string SecondsForAll = "900"; // two minutes on an idle host

    private readonly ScratchFolder scratch = new();

    private static string Source => Path.Combine(Repository.Root, "native", "module");

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void The_module_serves_refuses_and_leaves_nothing() => Run([], "services", "memory", "refusals", "kicks", "fuzz");

    [Fact(Explicit = true)]
    [Trait("Takes", "minutes")]
    public void The_module_bears_a_crowd_kills_pressure_and_120_000_random_calls() =>
        Run(["--cpus", "2", "--timeout", SecondsForAll], "spin", "crowd", "kills", "pressure", "fuzz 120000");

    [Fact(Explicit = true)]
    [Trait("Takes", "minutes")]
    public void Interrupts_that_cannot_be_masked_change_no_register_of_a_guest() =>
        Run(["--cpus", "2", "--timeout", SecondsForAll, "--nmi", "300"], "storm", "crowd");

    private void Run(string[] options, params string[] tests)
    {
        string tools = Path.Combine(Source, "tests");
        string[] files = ["--file", Path.Combine(tools, "run.sh"), "--file", Path.Combine(tools, "memory.sh"), "--file",
            scratch["tests/machine_test"], "--file", scratch["module/lilyvm.ko"]];
        Build();
        Command.Result result = LabTests.Lab([.. options, .. files, "--", "sh", "run.sh", .. tests]);
        TestContext.Current.TestOutputHelper?.Write(result.Output);
        Assert.True(result.Status == 0, result.Output + result.Error);
        Assert.Equal(tests.Select(t => "OK " + t.Split(' ')[0]),
            result.Output.Split('\n').Where(l => l.StartsWith("OK ", StringComparison.Ordinal)));
        Assert.EndsWith("MODULE OK\n", result.Output, StringComparison.Ordinal);
    }

    private void Build()
    {
        HostKernel kernel = HostKernel.Get(LabVariant.Find(LabVariant.DefaultName).Flavour, GuestCache.Find(), StepProgress.ForConsole());
        string layout = Path.Combine(Repository.Root, "artifacts", "bin", "KernelHypervisor", "release", "kh_layout.h");
        Shell(Path.Combine(Source, "tests", "build.sh"), scratch["tests"], layout);
        Shell(Path.Combine(Source, "build.sh"), kernel.Headers, scratch["module"], scratch["tests/test-hypervisor.bin"], layout);
    }

    private static void Shell(params string[] words)
    {
        Command.Result result = Command.Run("sh", words);
        Assert.True(result.Status == 0, result.Output + result.Error);
    }
}
