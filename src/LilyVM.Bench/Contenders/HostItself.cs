namespace LilyVM.Bench.Contenders;

/// <summary>The host itself: the measure of everything else.</summary>
/// <param name="system">Whose files it runs.</param>
/// <param name="withLargePages">
/// Whether the C library asks for transparent huge pages for what programs allocate. Most hosts give them only on demand (madvise), where a
/// guest's kernel gives them always.
/// </param>
internal sealed class HostItself(BenchSystem system, bool withLargePages = false) : Contender
{
    internal const string TheName = "native", WithLargePages = "native-thp";

    private const string RunFolder = "mnt", LargePages = "GLIBC_TUNABLES=glibc.malloc.hugetlb=1";

    internal override string Name => withLargePages ? WithLargePages : TheName;

    internal override string Description => "the same files in a chroot on the host" + (withLargePages ? ", " + LargePages : "");

    internal override string? Prepare()
    {
        // With emulation it would not be the host's processor that is measured.
        if (system.Target == BenchTarget.I386 && ForeignPrograms.Emulator() is { } emulator)
            return $"this host runs i386 programs by an emulator ({emulator}) only";
        if (ScriptRun.Try(new Launch(Path.Combine(system.Tree, "bench", "micro"), "--exit")).Status != 0)
            return $"this host cannot run {system.Target.Recipe.DebianArchitecture} programs";
        ScriptResult result = ScriptRun.Try(new Launch(TreeCommand.Program, TreeCommand.Arguments(system, [], "true")));
        return result.Status == 0 ? null : TreeCommand.Refused;
    }

    internal override bool HasKernel => false;

    // Large pages change what allocates memory: of the workloads, the compiler. The host counts nothing, but its time is the measure.
    internal override bool Runs(Workload workload) =>
        withLargePages ? workload is CompileWorkload : workload is CountWorkload || base.Runs(workload);

    internal override Launch Start(string script, string folder, bool withDisk)
    {
        Write(folder, "script", script);
        string[] environment = withLargePages ? ["env", LargePages] : [];
        return new Launch(TreeCommand.Program, TreeCommand.Arguments(
            system, [(folder, RunFolder)], [.. environment, "sh", $"/{RunFolder}/script"]));
    }
}
