namespace LilyVM.Bench.Contenders;

/// <summary>gVisor, a kernel in Go that runs programs of the host's own architecture.</summary>
/// <param name="system">Whose programs it runs.</param>
/// <param name="package">Gets the program and its version.</param>
internal sealed class GVisor(BenchSystem system, Func<(string Path, string Version)> package) : Contender
{
    internal static readonly DebianPackage Package = new("runsc", "usr/bin/runsc");

    private (string Path, string Version) program;

    internal override string Name => "gvisor";

    internal override string Description => $"gVisor {program.Version}, a kernel in Go that traces its programs by ptrace";

    internal override bool IsSlow => true;

    internal override bool IsForeign => true;

    internal override string? Prepare()
    {
        program = package();
        ScriptResult result = ScriptRun.Try(Do("/bench/micro", "--exit"));
        return result.Status == 0 ? null
            : $"it does not run {system.Target.Recipe.DebianArchitecture} programs ({result.LastError.Split(": ")[^1]})";
    }

    // Its memory is one file for all, in which the host's and its own cannot be told apart by what the others are measured with.
    internal override bool Runs(Workload workload) => workload is not MemoryWorkload && base.Runs(workload);

    // What its programs write goes into memory.
    internal override Launch Start(string script, string folder, bool withDisk) => Do(
        "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C", "TERM=dumb", "/bin/sh", "-c", script);

    private Launch Do(params string[] command) =>
        new(program.Path, ["--network=none", "--ignore-cgroups", "do", "-quiet", "-root", system.Tree, .. command]);
}
