using LilyVM.Native;

namespace LilyVM.Bench.Lab;

/// <summary>The unconverted twin of the guest's kernel on a machine of its own: the measure of all others.</summary>
internal sealed class BareMachine(LabSystem system) : LabContender(TheName, "the same kernel unconverted on a machine of its own", system)
{
    internal const string TheName = "bare";

    // The lab's processor as the guest of an engine sees it, and no APIC, as in every machine for this kernel. The last -cpu counts.
    private const string Cpu = "max,-apic,-sep";

    internal override Launch Start(string script, string folder, bool withDisk)
    {
        var boot = new QemuBoot
        {
            Kernel = System.Kernels.Oracle!,
            AllowUnconverted = true,
            Initrd = System.Kernels.Initrd,
            InitrdSupplement = Payload.Archive(script, System.AddMicro),
            CommandLine = $"mem={BenchTarget.I386.MemoryMiB}M " + Qemu.Options(BenchTarget.I386) + (System.Disk is null ? "" : Qemu.OnDisk),
            Drives = System.Disk is { } disk ? [new QemuDrive(disk, KeepWrites: false)] : [],
        };
        QemuLine line = QemuCommand.Prepare(boot, folder);
        return new Launch(line.Program, [.. line.Arguments, "-cpu", Cpu, "-icount", "shift=0,sleep=off", "-serial", "stdio"])
        {
            BeforeOthers = false,
        };
    }
}
