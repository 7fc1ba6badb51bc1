namespace LilyVM.Bench.Lab;

/// <summary>The same files in a chroot of the lab's host: Debian's amd64 kernel, which runs i386 programs.</summary>
internal sealed class LabNative(LabSystem system)
    : LabContender(TheName, "the same files in a chroot of the lab's host, Debian's amd64 kernel", system)
{
    internal const string TheName = "lab-native";

    // In the lab's folder /work are the script and, where there is no disk, the RAM disk's two archives.
    private const string Enter =
        """
        root=/root/tree
        mkdir $root
        if [ -e /dev/vda ]; then
            mount -t ext4 /dev/vda $root || exit 125
            path=/usr/sbin:/usr/bin:/sbin:/bin
        else
            (cd $root && cpio -i </work/initrd.cpio && cpio -i </work/more.cpio) 2>/dev/null
            chroot $root /bin/busybox --install -s /bin
            path=/bin
        fi
        for file_system in dev proc sys; do
            mount --bind /$file_system $root/$file_system || exit 125
        done
        mount -t tmpfs tmpfs $root/tmp
        cp script $root/tmp/script
        exec env -i PATH=$path HOME=/tmp TERM=vt100 linux32 chroot $root /bin/sh /tmp/script

        """;

    internal override Launch Start(string script, string folder, bool withDisk)
    {
        string more = Path.Combine(folder, "more.cpio");
        File.WriteAllBytes(more, CpioArchive.Make(System.AddMicro));
        return InLab([System.Kernels.Initrd, more, Write(folder, "script", script), Write(folder, "enter", Enter)], "", "sh", "enter");
    }
}
