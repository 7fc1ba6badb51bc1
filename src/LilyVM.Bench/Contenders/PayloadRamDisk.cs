using System.Text;
using LilyVM.Cli.Guests;

namespace LilyVM.Bench.Contenders;

/// <summary>
/// The prepared RAM disk with a script for a machine whose console is its only output (guests/linux/initrd/init, lilyvm.run=bench). The script runs in
/// the disk's system if there is one, and tells its status in a line of its own: that of the machine is QEMU's.
/// </summary>
internal static class PayloadRamDisk
{
    /// <summary>The kernel's option that runs the script.</summary>
    internal const string Option = "lilyvm.run=bench";

    private const string Enter =
        """
        #!/bin/sh
        if grep -q lilyvm.root= /proc/cmdline; then
            for file_system in dev proc sys tmp; do
                mount --move /$file_system /mnt/$file_system
            done
            cp /scripts/payload /mnt/tmp/payload
            PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot /mnt /bin/sh /tmp/payload </mnt/dev/null
            status=$?
            for file_system in dev proc sys tmp; do
                mount --move /mnt/$file_system /$file_system
            done
        else
            sh /scripts/payload </dev/null
            status=$?
        fi
        echo "@status $status"
        exit $status

        """;

    /// <summary>Writes it.</summary>
    internal static string Write(string path, string initrd, string script) => Append(path, initrd, archive =>
    {
        archive.AddFile("scripts/bench", Encoding.UTF8.GetBytes(Enter), executable: true);
        archive.AddFile("scripts/payload", Encoding.UTF8.GetBytes(script), executable: true);
    });

    /// <summary>Writes a RAM disk with more in it: a second archive behind the first, which ends at a multiple of four bytes as the format asks.</summary>
    internal static string Append(string path, string initrd, Action<CpioArchive> add)
    {
        File.Copy(initrd, path);
        using FileStream file = new(path, FileMode.Append);
        file.Write(new byte[-file.Length & 3]);
        var archive = new CpioArchive(file);
        add(archive);
        archive.End();
        return path;
    }
}
