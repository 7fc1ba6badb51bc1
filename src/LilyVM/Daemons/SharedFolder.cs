using LilyVM.Devices.VhostUser;
using LilyVM.Memory;

namespace LilyVM.Daemons;

/// <summary>Makes the device of a shared folder: a file system (virtio 1.2, 5.11) that a virtiofsd of its own serves.</summary>
internal static class SharedFolder
{
    /// <summary>Refuses folders that cannot be shared, before anything is started.</summary>
    internal static void Check(IReadOnlyList<ShareOptions> shares)
    {
        foreach (ShareOptions share in shares)
        {
            if (!Directory.Exists(share.Folder))
            {
                throw new LilyVMException(File.Exists(share.Folder)
                    ? $"Cannot share {share.Folder}: it is not a folder."
                    : $"Cannot share {share.Folder}: there is no such folder.");
            }
            if (!MayEnter(share.Folder))
                throw new LilyVMException($"Cannot share {share.Folder}: permission denied.");
            if (share.Tag.Any(c => c is <= ' ' or '\x7F' or ':' or ','))
                throw new LilyVMException($"'{share.Tag}' is no name for a shared folder: it may hold no blanks, colons and commas.");
            VhostUserConfiguration.OfFileSystem(share.Tag);
        }
        if (shares.GroupBy(s => s.Tag).FirstOrDefault(g => g.Count() > 1) is { } same)
            throw new LilyVMException($"Two shared folders are named '{same.Key}'; give each another name.");
    }

    /// <summary>Starts a virtiofsd for it.</summary>
    /// <exception cref="LilyVMException">There is none, or it does not start.</exception>
    internal static VhostUserDevice Open(ShareOptions share, GuestRam ram, Action<string>? tell) => DaemonDevice.Open(
        $"virtiofsd for {share.Folder}", socket => VirtioFsDaemon.Line(share, socket), VhostUserKind.FileSystem,
        VhostUserConfiguration.OfFileSystem(share.Tag), ram, tell);

    private static bool MayEnter(string folder)
    {
        try
        {
            using IEnumerator<string> entries = Directory.EnumerateFileSystemEntries(folder).GetEnumerator();
            entries.MoveNext();
            return true;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }
}
