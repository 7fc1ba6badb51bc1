using System.Text;
using LilyVM.Bench.Setup;
using LilyVM.Cli.Guests;
using LilyVM.Native;

namespace LilyVM.Bench.Contenders;

/// <summary>QEMU's translator, which runs the unconverted twin of the same kernel on the same disk.</summary>
/// <param name="system">What it boots.</param>
/// <param name="linux">Makes the kernels; minutes if they are not there.</param>
internal sealed class Qemu(BenchSystem system, Func<LinuxFiles> linux) : Contender
{
    // Scripts of the RAM disk run with the disk on /mnt (guests/linux/initrd/init). The time stamp counter is the host's: an emulated 8254 loses time
    // under load.
    private static readonly string Options =
        $"mem={MemoryMiB}M console=ttyS0 reservetop=8M reboot=t panic=-1 loglevel=3 tsc=reliable no_timer_check " +
        "lilyvm.root=/dev/vda lilyvm.run=bench";

    private const string Enter =
        """
        #!/bin/sh
        for file_system in dev proc sys tmp; do
            mount --move /$file_system /mnt/$file_system
        done
        cp /scripts/payload /mnt/tmp/payload
        PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot /mnt /bin/sh /tmp/payload </mnt/dev/null
        status=$?
        echo "@status $status"
        for file_system in dev proc sys tmp; do
            mount --move /mnt/$file_system /$file_system
        done
        exit $status

        """;

    private LinuxFiles? files;

    internal override string Name => "qemu";

    internal override string Description => "QEMU TCG, qemu-system-i386, the same kernel unconverted";

    internal override bool IsSlow => true;

    internal override string? Prepare()
    {
        new Tool(QemuCommand.Program, "qemu-system-x86").RequireInPath();
        files = linux();
        return null;
    }

    internal override Launch Start(string script, string folder)
    {
        LinuxFiles kernel = files!;
        var boot = new QemuBoot
        {
            Kernel = kernel.Oracle!,
            AllowUnconverted = true,
            Initrd = WriteInitrd(kernel.Initrd, script, folder),
            CommandLine = Options,
            Drives = [new QemuDrive(system.Disk, KeepWrites: false)],
        };
        return new Launch(QemuCommand.Program, [.. QemuCommand.Prepare(boot, folder), "-serial", "stdio"]);
    }

    // A second archive behind the first, which ends at a multiple of four bytes as the format asks.
    private static string WriteInitrd(string initrd, string script, string folder)
    {
        string path = Path.Combine(folder, "initrd");
        File.Copy(initrd, path);
        using FileStream file = new(path, FileMode.Append);
        file.Write(new byte[-file.Length & 3]);
        var archive = new CpioArchive(file);
        archive.AddFile("scripts/bench", Encoding.UTF8.GetBytes(Enter), executable: true);
        archive.AddFile("scripts/payload", Encoding.UTF8.GetBytes(script), executable: true);
        archive.End();
        return path;
    }
}
