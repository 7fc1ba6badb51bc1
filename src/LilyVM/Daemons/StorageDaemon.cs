namespace LilyVM.Daemons;

/// <summary>qemu-storage-daemon, which knows QEMU's disk formats and the places where images may lie.</summary>
internal static class StorageDaemon
{
    private const string Path = "/usr/bin/qemu-storage-daemon", Install = "install the Debian package qemu-system-common";

    /// <summary>Whether it can be used on this host.</summary>
    internal static HostFinding Finding() =>
        new("qemu-storage-daemon, for disk images that are not raw", File.Exists(Path), Install) { IsOptional = true };

    /// <summary>How it is started: with its monitor on its standard streams, by which all else is asked for.</summary>
    internal static DaemonLine Line() => File.Exists(Path)
        ? new DaemonLine(Path, ["--chardev", "stdio,id=monitor,signal=off", "--monitor", "monitor"])
        {
            EndsInOrder = true, IsSpokenTo = true,
        }
        : throw new LilyVMException($"There is no qemu-storage-daemon, which serves disk images that are not raw; {Install}.");
}
