using LilyVM.Bench.Run;
using LilyVM.Bench.Setup;
using LilyVM.Bench.Workloads;
using LilyVM.Cli.Guests;

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
        // With emulation it would not be the host's processor that is measured.
        if (ForeignPrograms.Emulator() is { } emulator)
            return $"this host runs i386 programs by an emulator ({emulator}) only";
        if (ScriptRun.Try(new Launch(Path.Combine(system.Tree, "bench", "micro"), "--exit")).Status != 0)
            return "this host cannot run 32-bit code";
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
