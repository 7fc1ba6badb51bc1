namespace LilyVM.Bench.Contenders;

/// <summary>A machine of ours.</summary>
/// <param name="engine">Name of the engine.</param>
/// <param name="program">The lilyvm command.</param>
/// <param name="system">What it boots.</param>
/// <param name="prepareGuest">Makes its kernel; minutes if that is not there.</param>
internal sealed class LilyVMEngine(string engine, string program, BenchSystem system, Action prepareGuest) : Contender
{
    internal const string User = "user";

    internal override string Name => engine;

    internal override string Description => $"LilyVM's {engine} engine";

    internal override bool StartsWithoutDisk => true;

    internal override bool Runs(Workload workload) => true;

    internal override string? Prepare()
    {
        if (!File.Exists(program))
            return $"{program} is missing; run ./lilyvm, which builds it";
        prepareGuest();
        ScriptResult nothing = ScriptRun.Try(new Launch(program, [.. Boot, "--script", "/dev/null"]));
        return nothing.Status == 0 ? null : nothing.LastError.TrimEnd('.').Replace("lilyvm: ", "", StringComparison.Ordinal);
    }

    internal override Launch Start(string script, string folder, bool withDisk)
    {
        string[] disk = withDisk ? ["--drive", $"file={system.Disk},snapshot=on"] : [];
        return new Launch(program,
            [
                .. Boot, "--memory", $"{system.Target.MemoryMiB}M", .. disk, "--counters=json",
                "--script", Write(folder, "script", "#!/bin/sh\n" + script),
            ]);
    }

    private string[] Boot => ["boot", "--arch", system.Target.Name, "--engine", engine];
}
