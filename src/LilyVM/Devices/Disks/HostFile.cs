using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Devices.Disks;

/// <summary>
/// A file of the host that a disk lies in. Whatever the host refuses is an <see cref="IOException"/> with a sentence for the user.
/// </summary>
/// <param name="handle">The open file, which this owns.</param>
/// <param name="name">What it is, behind "Cannot write".</param>
/// <param name="advice">What the user may do if there is no room; in parentheses, or empty.</param>
internal sealed partial class HostFile(SafeFileHandle handle, string name, string advice = "") : IDisposable
{
    private const int NoSpace = 28, QuotaExceeded = 122; // errno(3): ENOSPC and EDQUOT, which .NET gives as HResult

    // Modes of fallocate(2).
    private const int KeepSize = 1, PunchHole = 2, ZeroRange = 0x10;

    /// <summary>The open file.</summary>
    internal SafeFileHandle Handle => handle;

    /// <summary>Reads; bytes behind the end of the file are zero.</summary>
    internal void Read(long offset, Span<byte> destination)
    {
        try
        {
            while (destination.Length > 0)
            {
                int count = RandomAccess.Read(handle, destination, offset);
                if (count == 0)
                {
                    destination.Clear();
                    return;
                }
                destination = destination[count..];
                offset += count;
            }
        }
        catch (Exception e) when (IsRefusal(e))
        {
            throw Refusal("read", e);
        }
    }

    /// <summary>Writes all of it, or some and then throws.</summary>
    internal void Write(long offset, ReadOnlySpan<byte> source)
    {
        try
        {
            RandomAccess.Write(handle, source, offset);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            throw Refusal("write", e);
        }
    }

    /// <summary>Returns when everything written before is safe from a loss of power.</summary>
    internal void Flush()
    {
        try
        {
            RandomAccess.FlushToDisk(handle);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            throw Refusal("write", e);
        }
    }

    /// <summary>
    /// Gives the space of a range back to the host, after which it reads as zeroes; false if its file system cannot, and all is as it was.
    /// </summary>
    internal bool TryPunchHole(long offset, long length) => length == 0 || Allocate(handle, PunchHole | KeepSize, offset, length) == 0;

    /// <summary>Makes a range zero that keeps its space; false if its file system cannot, and some of it may be as it was.</summary>
    internal bool TryZero(long offset, long length) => length == 0 || Allocate(handle, ZeroRange | KeepSize, offset, length) == 0;

    public void Dispose() => handle.Dispose();

    // .NET takes EFBIG, which a limit of the process (RLIMIT_FSIZE) or of the file system is, for a wrong argument; EPERM and EACCES for a
    // matter of rights.
    private static bool IsRefusal(Exception e) => e is IOException or ArgumentOutOfRangeException or UnauthorizedAccessException;

    private IOException Refusal(string verb, Exception e)
    {
        string why = e is ArgumentOutOfRangeException ? "File too large (ulimit -f)" : UserFile.Why("", e);
        string until = e.HResult is NoSpace or QuotaExceeded ? $" until there is room{advice}" : "";
        return new IOException($"Cannot {verb} {name}: {why}; the guest gets I/O errors{until}.", e);
    }

    [LibraryImport("libc", EntryPoint = "fallocate")]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);
}
