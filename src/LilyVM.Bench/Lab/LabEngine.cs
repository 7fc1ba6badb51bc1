namespace LilyVM.Bench.Lab;

/// <summary>A machine of ours in the lab.</summary>
/// <param name="name">Name of the contender.</param>
/// <param name="description">What it is.</param>
/// <param name="options">The options of <c>lilyvm boot</c> that choose the engine and its policies.</param>
/// <param name="kernelOptions">What the lab's kernel must be told for it.</param>
/// <param name="system">What it boots.</param>
internal sealed class LabEngine(string name, string description, IReadOnlyList<string> options, string kernelOptions, LabSystem system)
    : LabContender(name, description, system)
{
    internal const string User = "lab-user", Kernel = "lab-kernel";

    // QEMU 7.2 takes a program's far call for a fault of the kernel where there is SMAP (docs/lab.md).
    private const string WithoutSmap = "clearcpuid=smap";

    /// <summary>The user engine.</summary>
    internal static LabEngine OfUser(LabSystem system) =>
        new(User, "LilyVM's user engine in the lab", ["--engine", "user"], WithoutSmap, system);

    /// <summary>The kernel engine with these policies.</summary>
    internal static LabEngine OfKernel(LabPolicy policy, LabSystem system) =>
        new(policy.Contender, $"LilyVM's kernel engine in the lab, {policy}", policy.Options, "", system);

    internal override bool Runs(Workload workload) => workload is not CountWorkload || Name != User;

    internal override Launch Start(string script, string folder, bool withDisk) => InLab(
        [System.WriteRamDisk(folder), Write(folder, "script", "#!/bin/sh\n" + script)],
        kernelOptions,
        [
            "lilyvm", "boot", .. options, "--memory", $"{BenchTarget.I386.MemoryMiB}M", "--counters=json", "--initrd", "initrd",
            "--script", "script",
            .. System.Disk is null ? (string[])[] : ["--drive", "/dev/vda"],
        ]);
}
