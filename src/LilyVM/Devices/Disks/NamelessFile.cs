using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Devices.Disks;

/// <summary>Files without a name, which vanish with the last process that has them open.</summary>
internal static partial class NamelessFile
{
    // open(2): O_TMPFILE, or O_CREAT and O_EXCL; O_RDWR, O_CLOEXEC; 0600.
    private const int Nameless = 0x41_0000 | 2 | 0x8_0000, New = 0x40 | 0x80 | 2 | 0x8_0000, OwnersOnly = 0x180;

    /// <summary>Makes one for what a guest writes to a snapshot.</summary>
    /// <exception cref="LilyVMException">No file can be made there.</exception>
    internal static SafeFileHandle CreateForSnapshot(string folder)
    {
        try
        {
            SafeFileHandle file = Open(folder, Nameless, OwnersOnly);
            return file.IsInvalid ? CreateAndUnlink(folder) : file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LilyVMException(
                $"Cannot keep a snapshot's changes in {folder}: {e.Message.TrimEnd('.')}; set TMPDIR to a folder that can.", e);
        }
    }

    // For file systems that cannot make a file without a name. Nobody else may open this one; a process that is killed just then leaves it.
    private static SafeFileHandle CreateAndUnlink(string where)
    {
        string path = Path.Combine(where, $"lilyvm-snapshot-{Path.GetRandomFileName()}");
        SafeFileHandle file = Open(path, New, OwnersOnly);
        if (file.IsInvalid)
            throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        File.Delete(path);
        return file;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags, int mode);
}
