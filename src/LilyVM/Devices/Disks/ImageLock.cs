using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Devices.Disks;

/// <summary>
/// Locks an image as QEMU does (block/file-posix.c), so that neither program changes what the other one uses. Whoever opens it holds shared
/// locks of single bytes: one for each thing that it does, one for each thing that others must not do. Then it looks whether somebody holds
/// the opposite. The locks belong to the open file, and a process that is just being started elsewhere in this one has a copy of it for a
/// moment: <see cref="Release"/> does not wait for that.
/// </summary>
internal static partial class ImageLock
{
    private const int GetLock = 36, SetLock = 37; // F_OFD_GETLK, F_OFD_SETLK
    private const short Shared = 0, Exclusive = 1, None = 2; // F_RDLCK, F_WRLCK, F_UNLCK

    // QEMU's RAW_LOCK_PERM_BASE and RAW_LOCK_SHARED_BASE, and the bits of its permissions (include/block/block-common.h).
    private const long Does = 100, Forbids = 200, Read = 0, Write = 1, Resize = 3;

    /// <summary>Locks an open image; false if another program uses it in a way that does not go together.</summary>
    internal static bool TryTake(SafeFileHandle file, bool readOnly)
    {
        long[] does = readOnly ? [Read] : [Read, Write], forbids = [Write, Resize];
        foreach (long at in (long[])[.. does.Select(d => Does + d), .. forbids.Select(f => Forbids + f)])
            _ = Call(file, SetLock, Shared, at); // fails where the file system has no locks, as QEMU puts up with too
        return does.All(d => IsFree(file, Forbids + d)) && forbids.All(f => IsFree(file, Does + f));
    }

    /// <summary>Gives all locks up, before the file is closed.</summary>
    internal static void Release(SafeFileHandle file) => _ = Call(file, SetLock, None, 0, length: 0);

    // Whether nobody else holds any lock there.
    private static bool IsFree(SafeFileHandle file, long at) => Call(file, GetLock, Exclusive, at) is not { } found || found == None;

    // A length of 0 is everything from there on.
    private static short? Call(SafeFileHandle file, int command, short type, long at, long length = 1)
    {
        var range = new Range { Type = type, Start = at, Length = length };
        return Control(file, command, ref range) == 0 ? range.Type : null;
    }

    // struct flock; the lock is that of an open file, so the process is 0.
    private struct Range
    {
        public short Type, Whence;
        public long Start, Length;
        public int Process;
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(SafeFileHandle file, int command, ref Range range);
}
