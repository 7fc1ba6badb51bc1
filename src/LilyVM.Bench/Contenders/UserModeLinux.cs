namespace LilyVM.Bench.Contenders;

/// <summary>
/// User Mode Linux as Debian has it. It runs in the tree, because it needs a C library of its architecture.
/// </summary>
/// <param name="system">What it boots.</param>
/// <param name="package">Gets the program and its version.</param>
internal sealed class UserModeLinux(BenchSystem system, Func<(string Path, string Version)> package) : Contender
{
    private const string RunFolder = "mnt", ProgramFolder = "opt";
    private const int Sector = 512;

    private (string Path, string Version) program;

    internal override string Name => "uml";

    internal override string Description => $"User Mode Linux {program.Version}, a Linux kernel ported to be a process, traced by ptrace";

    internal override bool IsSlow => true;

    internal override bool IsForeign => true;

    internal override string? Prepare()
    {
        program = package();
        return null;
    }

    internal override Launch Start(string script, string folder, bool withDisk)
    {
        // A disk of its own to write on: the package hangs when it makes a copy-on-write file.
        string disk = Path.Combine(folder, BenchSystem.DiskName);
        new Tool("cp", "coreutils").Run("The disk image cannot be copied", "--sparse=always", system.Disk, disk);
        // A disk has whole sectors.
        Write(folder, "script", script + new string('\n', Sector - script.Length % Sector));
        // It would begin a session of its own, of ordinary priority, if it did not lead one already.
        string[] command =
        [
            "setsid", .. ScriptRun.BeforeOthers, $"/{ProgramFolder}/linux.uml", $"mem={system.Target.MemoryMiB}M",
            $"ubd0=/{RunFolder}/{BenchSystem.DiskName}",
            $"ubd1r=/{RunFolder}/script", "root=/dev/ubda", "rw", "init=/bench/init", "con=null", "con0=null,fd:1", "quiet",
        ];
        return new Launch(TreeCommand.Program, TreeCommand.Arguments(
            system,
            [(folder, RunFolder), (Path.GetDirectoryName(program.Path)!, ProgramFolder)],
            command));
    }
}
