namespace LilyVM.Daemons;

/// <summary>
/// Tells the user, once, that the host refuses an image something. The daemon tells the guest only, by an error that has one number for all
/// reasons, and not every one of them is seen here, for a driver may take it before anybody looks. So the usual reason is looked for as
/// well: a file system without room, now and then, and when the machine has ended.
/// </summary>
/// <param name="drive">The drive.</param>
/// <param name="daemon">Its daemon, which is ended here.</param>
/// <param name="tell">Takes a sentence; any thread may call it.</param>
internal sealed class DiskRefusal(DriveOptions drive, IDisposable daemon, Action<string>? tell) : IDisposable
{
    // In bytes: less than four clusters of qcow2 is no room; after a refusal, less than what a few large requests want is the reason.
    private const long NoRoom = 256 << 10, LittleRoom = 8 << 20;

    private const long LookAgain = 1000; // milliseconds

    private readonly string place = drive.Snapshot && !drive.ReadOnly ? Path.TrimEndingDirectorySeparator(Path.GetTempPath())
        : ImageAddress.IsAddress(drive.Path) || drive.ReadOnly ? "" : drive.Path;

    private long lookedAt;
    private int told;

    /// <summary>A request was refused.</summary>
    internal void Tell()
    {
        if (Interlocked.Exchange(ref told, 1) != 0)
            return;
        string what = drive.Snapshot && !drive.ReadOnly ? $"the changes to {drive.Path} in {place}" : $"the disk image {drive.Path}";
        tell?.Invoke(HasLess(LittleRoom)
            ? $"The host refused {what} something: No space left on device; the guest gets I/O errors until there is room."
            : $"The host refused {what} something; the guest gets I/O errors.");
    }

    /// <summary>Requests were answered.</summary>
    internal void Look()
    {
        long now = Environment.TickCount64;
        if (now - lookedAt < LookAgain)
            return;
        lookedAt = now;
        if (HasLess(NoRoom))
            Tell();
    }

    /// <summary>The machine has ended; with the daemon a snapshot's changes go, and the room that they took.</summary>
    public void Dispose()
    {
        if (HasLess(NoRoom))
            Tell();
        daemon.Dispose();
    }

    private bool HasLess(long room)
    {
        try
        {
            return place.Length > 0 && new DriveInfo(place).AvailableFreeSpace < room;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}
