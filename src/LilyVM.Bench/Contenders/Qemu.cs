using LilyVM.Native;

namespace LilyVM.Bench.Contenders;

/// <summary>QEMU's translator, which runs the unconverted twin of the same kernel on the same disk.</summary>
/// <param name="system">What it boots.</param>
/// <param name="linux">Makes the kernels; minutes if they are not there.</param>
internal sealed class Qemu(BenchSystem system, Func<LinuxFiles> linux) : Contender
{
    /// <summary>What the kernel is told. The time stamp counter is the host's: an emulated 8254 loses time under load.</summary>
    internal static string Options(BenchTarget target) =>
        $"console=ttyS0 {target.KernelOptions}reboot=t panic=-1 loglevel=3 tsc=reliable no_timer_check {Payload.Option}";

    /// <summary>And where its root file system is.</summary>
    internal const string OnDisk = " lilyvm.root=/dev/vda";

    private LinuxFiles? files;

    private NativeTarget Machine => NativeTarget.Of(system.Target.Recipe.Guest);

    internal override string Name => "qemu";

    internal override string Description => $"QEMU TCG, {Machine.Program}, the same kernel unconverted";

    internal override bool IsSlow => true;

    internal override string? Prepare()
    {
        new Tool(Machine.Program, "qemu-system-x86").RequireInPath();
        files = linux();
        return null;
    }

    internal override bool StartsWithoutDisk => true;

    internal override Launch Start(string script, string folder, bool withDisk)
    {
        LinuxFiles kernel = files!;
        var boot = new QemuBoot
        {
            Kernel = kernel.Oracle!,
            AllowUnconverted = true,
            Initrd = kernel.Initrd,
            InitrdSupplement = Payload.Archive(script),
            MemoryBytes = (long)system.Target.MemoryMiB << 20,
            CommandLine = Options(system.Target) + (withDisk ? OnDisk : ""),
            Drives = withDisk ? [new QemuDrive(system.Disk, KeepWrites: false)] : [],
        };
        QemuLine line = QemuCommand.Prepare(boot, folder);
        return new Launch(line.Program, [.. line.Arguments, "-serial", "stdio"]);
    }
}
