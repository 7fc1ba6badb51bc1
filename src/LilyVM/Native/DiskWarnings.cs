namespace LilyVM.Native;

/// <summary>Tells the user what the host refuses the images of a native machine: once for each, as a guest asks again and again.</summary>
/// <param name="boot">Whose disks they are.</param>
internal sealed class DiskWarnings(QemuBoot boot)
{
    private const string NoSpace = "No space left on device";

    private readonly HashSet<string> told = [];

    /// <summary>The host refused something.</summary>
    /// <param name="drive">The drive's name (<see cref="QemuCommand.DriveName"/>).</param>
    /// <param name="reason">The host's words, strerror(3).</param>
    internal void Refused(string drive, string reason)
    {
        lock (told)
        {
            if (!told.Add(drive))
                return;
        }
        QemuDrive? disk = boot.Drives.Where((_, number) => QemuCommand.DriveName(number) == drive).FirstOrDefault();
        string what = disk is null ? "a disk" : disk.KeepWrites ? $"the disk image {disk.Path}" : $"the snapshot of {disk.Path}";
        string until = reason == NoSpace ? " until there is room" : "";
        boot.Warning?.Invoke($"The host refused {what} something: {reason}; the guest gets I/O errors{until}.");
    }
}
