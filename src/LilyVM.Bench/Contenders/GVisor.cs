using LilyVM.Bench.Run;
using LilyVM.Bench.Setup;
using LilyVM.Cli.Guests;

namespace LilyVM.Bench.Contenders;

/// <summary>gVisor, a kernel in Go that runs programs of the host's own architecture.</summary>
/// <param name="system">Whose programs it runs.</param>
/// <param name="package">Gets the program and its version.</param>
internal sealed class GVisor(BenchSystem system, Func<(string Path, string Version)> package) : Contender
{
    internal static readonly DebianPackage Package = new("runsc", "usr/bin/runsc");

    private (string Path, string Version) program;

    internal override string Name => "gvisor";

    internal override string Description => $"gVisor {program.Version}";

    // The package of today refuses programs of another architecture; a later one may learn it.
    internal override string? Prepare()
    {
        program = package();
        ScriptResult result = ScriptRun.Try(Do("--exit"));
        return result.Status == 0 ? null : $"it does not run i386 programs ({result.LastError.Split(": ")[^1]})";
    }

    internal override Launch Start(string script, string folder) =>
        throw new LilyVMException("gVisor has learned to run i386 programs; teach the experiment to use it.");

    private Launch Do(string argument) =>
        new(program.Path, "--network=none", "--ignore-cgroups", "do", Path.Combine(system.Tree, "bench", "micro"), argument);
}
