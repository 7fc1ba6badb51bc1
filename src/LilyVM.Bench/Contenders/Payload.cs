using System.Text;

namespace LilyVM.Bench.Contenders;

/// <summary>
/// A script for a machine whose console is its only output, as the prepared RAM disk's init finds it (guests/linux/initrd/init,
/// lilyvm.run=bench). The script runs in the disk's system if there is one, and tells its status in a line of its own: that of the machine
/// is QEMU's.
/// </summary>
internal static class Payload
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

    /// <summary>Makes it, to be unpacked over the prepared RAM disk; <paramref name="addMore"/> adds other files.</summary>
    internal static byte[] Archive(string script, Action<CpioArchive>? addMore = null) => CpioArchive.Make(archive =>
    {
        archive.AddFile("scripts/bench", Encoding.UTF8.GetBytes(Enter), executable: true);
        archive.AddFile("scripts/payload", Encoding.UTF8.GetBytes(script), executable: true);
        addMore?.Invoke(archive);
    });
}
