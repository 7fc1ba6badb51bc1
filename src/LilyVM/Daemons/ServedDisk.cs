using System.Text.Json.Nodes;
using LilyVM.Devices.Disks;
using LilyVM.Devices.VhostUser;
using LilyVM.Memory;
using LilyVM.Native;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Daemons;

/// <summary>
/// Makes the disk of an image that is not raw, or not a file: a block device (virtio 1.2, 5.2) that a qemu-storage-daemon of its own
/// serves.
/// </summary>
internal static class ServedDisk
{
    private const string Base = "image", Overlay = "changes", OverlayFile = "changes-file", Key = "key", Job = "make";

    /// <summary>Refuses drives that cannot be served, before anything is started.</summary>
    internal static void Check(DriveOptions drive)
    {
        ImageFormat.Check(drive.Format ?? ImageFormat.Raw);
        if (!drive.IsServed)
            return;
        if (!ImageAddress.IsAddress(drive.Path))
            UserFile.RequireThere(drive.Path, "the disk image ");
        else if (drive.Format == ImageFormat.Auto)
            throw new LilyVMException($"format=auto looks into files only; name the format of {drive.Path}.");
        ImageAddress.Node(drive.Path);
        if (drive.KeyFile is { } key)
            UserFile.RequireThere(key, "the key file ");
    }

    /// <summary>Starts a daemon for it.</summary>
    /// <exception cref="LilyVMException">There is none, or it cannot open the image.</exception>
    internal static VhostUserDevice Open(DriveOptions drive, GuestRam ram, Action<string>? tell)
    {
        bool hasOverlay = drive.Snapshot && !drive.ReadOnly;
        string folder = Path.TrimEndingDirectorySeparator(Path.GetTempPath());
        using SafeFileHandle? changes = hasOverlay ? NamelessFile.CreateForSnapshot(folder) : null;
        using InheritedFile? inherited = changes is null ? null : InheritedFile.CopyOf((int)changes.DangerousGetHandle());
        var daemon = new Daemon(StorageDaemon.Line());
        DirectoryInfo? place = null;
        try
        {
            var monitor = new StorageMonitor(daemon.Commands, daemon.Answers);
            AddImage(monitor, drive);
            if (inherited is not null)
                AddOverlay(monitor, inherited.Path);
            place = TemporaryFolder.Create("lilyvm-");
            string socket = Path.Combine(place.FullName, "socket");
            monitor.Ask("block-export-add", new JsonObject
            {
                ["type"] = "vhost-user-blk",
                ["id"] = "disk",
                ["node-name"] = hasOverlay ? Overlay : Base,
                ["writable"] = !drive.ReadOnly,
                ["addr"] = new JsonObject { ["type"] = "unix", ["path"] = socket },
            });
            var refusal = new DiskRefusal(drive, daemon, tell);
            return new VhostUserDevice(
                VhostUserConnector.Connect(socket), $"qemu-storage-daemon for {drive.Path}", VhostUserKind.Block, null, ram, tell)
            {
                Daemon = refusal,
                Refused = refusal.Tell,
                Answered = refusal.Look,
            };
        }
        catch (Exception e) when (e is StorageException or LilyVMException)
        {
            string? words = e is StorageException { Words: { } said } ? said : daemon.LastWords();
            daemon.Dispose();
            string why = (words ?? "qemu-storage-daemon has ended").TrimEnd('.');
            throw e as LilyVMException ?? new LilyVMException($"Cannot open the disk image {drive.Path}: {why}.", e);
        }
        finally
        {
            place?.Delete(recursive: true); // nobody connects any more
        }
    }

    private static void AddImage(StorageMonitor monitor, DriveOptions drive)
    {
        string format = drive.Format == ImageFormat.Auto ? ImageFormat.Probe(drive.Path) : drive.Format ?? ImageFormat.Raw;
        bool isReadOnly = drive.ReadOnly || drive.Snapshot;
        JsonObject file = ImageAddress.Node(drive.Path);
        file["read-only"] = isReadOnly;
        file["discard"] = "unmap";
        var node = new JsonObject
        {
            ["driver"] = format, ["node-name"] = Base, ["file"] = file, ["read-only"] = isReadOnly, ["discard"] = "unmap",
        };
        if (drive.KeyFile is { } key)
        {
            monitor.Ask("object-add", new JsonObject { ["qom-type"] = "secret", ["id"] = Key, ["file"] = Path.GetFullPath(key) });
            if (format == "luks")
                node["key-secret"] = Key;
            else
                node["encrypt"] = new JsonObject { ["format"] = "luks", ["key-secret"] = Key };
        }
        monitor.Ask("blockdev-add", node);
    }

    // A new qcow2 image of the same size over the one below, as QEMU's -snapshot makes it.
    private static void AddOverlay(StorageMonitor monitor, string path)
    {
        JsonNode size = monitor.Ask("query-named-block-nodes", new JsonObject { ["flat"] = true })!.AsArray()
            .First(n => (string?)n!["node-name"] == Base)!["image"]!["virtual-size"]!.DeepClone();
        monitor.Ask("blockdev-add", new JsonObject
        {
            ["driver"] = "file", ["node-name"] = OverlayFile, ["filename"] = path, ["discard"] = "unmap",
        });
        monitor.Ask("blockdev-create", new JsonObject
        {
            ["job-id"] = Job,
            ["options"] = new JsonObject { ["driver"] = "qcow2", ["file"] = OverlayFile, ["size"] = size },
        });
        for (string? status = null; status != "concluded";)
        {
            JsonNode job = monitor.Ask("query-jobs")!.AsArray().First(j => (string?)j!["id"] == Job)!;
            status = (string?)job["status"];
            if ((string?)job["error"] is { } error)
                throw new StorageException(error);
        }
        monitor.Ask("job-dismiss", new JsonObject { ["id"] = Job });
        monitor.Ask("blockdev-add", new JsonObject
        {
            ["driver"] = "qcow2", ["node-name"] = Overlay, ["file"] = OverlayFile, ["backing"] = Base, ["discard"] = "unmap",
        });
    }
}
