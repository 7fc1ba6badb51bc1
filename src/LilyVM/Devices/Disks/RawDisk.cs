using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Devices.Disks;

/// <summary>
/// A file or a block device that holds the disk's bytes as they are. It is locked: any number of readers, or one writer (<see
/// cref="ImageLock"/>).
/// </summary>
internal sealed partial class RawDisk : Disk
{
    private const int End = 2; // lseek(2): SEEK_END

    private static readonly byte[] Zeroes = new byte[64 * 1024];

    private readonly HostFile file;

    private RawDisk(SafeFileHandle file, string path, long size, bool readOnly)
    {
        Name = $"the disk image {path}";
        this.file = new HostFile(file, Name);
        Size = size;
        IsReadOnly = readOnly;
    }

    internal override string Name { get; }

    internal override long Size { get; }

    internal override bool IsReadOnly { get; }

    /// <summary>Opens and locks an image.</summary>
    /// <exception cref="LilyVMException">It cannot be opened, is in use, or is not a whole number of sectors.</exception>
    internal static RawDisk Open(string path, bool readOnly)
    {
        ImageFile.Check(path);
        FileSizeSignal.Ignore();
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, readOnly ? FileAccess.Read : FileAccess.ReadWrite, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new LilyVMException($"Cannot open the disk image {path}: {UserFile.Why(path, e)}.", e);
        }
        if (!ImageLock.TryTake(file, readOnly))
        {
            file.Dispose();
            throw new LilyVMException(
                $"The disk image {path} is in use by another machine: end that one, or open it in both as read-only or as a snapshot.");
        }
        try
        {
            long size = Seek(file, 0, End); // works for block devices too, which have no length
            ImageFile.RequireSectors(path, size);
            return new RawDisk(file, path, size, readOnly);
        }
        catch (LilyVMException)
        {
            file.Dispose();
            throw;
        }
    }

    // Behind its end, if somebody shortened it, are zeroes.
    internal override void Read(long offset, Span<byte> destination) => file.Read(offset, destination);

    internal override void Write(long offset, ReadOnlySpan<byte> source) => file.Write(offset, source);

    internal override void Flush() => file.Flush();

    // A file system without holes keeps the bytes, which a discard allows.
    internal override void Discard(long offset, long length) => _ = file.TryPunchHole(offset, length);

    internal override void WriteZeroes(long offset, long length, bool mayUnmap)
    {
        if (mayUnmap ? file.TryPunchHole(offset, length) : file.TryZero(offset, length))
            return;
        while (length > 0)
        {
            int count = (int)Math.Min(length, Zeroes.Length);
            Write(offset, Zeroes.AsSpan(0, count));
            offset += count;
            length -= count;
        }
    }

    public override void Dispose()
    {
        if (file.Handle.IsClosed)
            return;
        ImageLock.Release(file.Handle);
        file.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "lseek")]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);
}
