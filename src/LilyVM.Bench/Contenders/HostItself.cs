using LilyVM.Bench.Run;
using LilyVM.Bench.Setup;
using LilyVM.Bench.Workloads;

namespace LilyVM.Bench.Contenders;

/// <summary>The host itself: the measure of everything else.</summary>
internal sealed class HostItself(BenchSystem system) : Contender
{
    internal const string TheName = "native";

    private const string RunFolder = "mnt";

    internal override string Name => TheName;

    internal override string Description => "the same files in a chroot on the host";

    internal override string? Prepare()
    {
        ScriptResult result = ScriptRun.Try(new Launch(TreeCommand.Program, TreeCommand.Arguments(system.Tree, [], "true")));
        return result.Status == 0 ? null : TreeCommand.Refused;
    }

    // A host does not boot.
    internal override bool Runs(Workload workload) => workload is not BootWorkload;

    internal override Launch Start(string script, string folder)
    {
        Write(folder, "script", script);
        return new Launch(TreeCommand.Program, TreeCommand.Arguments(system.Tree, [(folder, RunFolder)], "sh", $"/{RunFolder}/script"));
    }
}
