using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Devices.Disks;

/// <summary>A file or a block device that holds the disk's bytes as they are. It is locked: any number of readers, or one writer (<see cref="ImageLock"/>).</summary>
internal sealed partial class RawDisk : Disk
{
    private const int SectorSize = 512;

    private const int End = 2; // lseek(2): SEEK_END

    // Modes of fallocate(2).
    private const int KeepSize = 1, PunchHole = 2, ZeroRange = 0x10;

    private static readonly byte[] Zeroes = new byte[64 * 1024];

    private readonly SafeFileHandle file;

    private RawDisk(SafeFileHandle file, long size, bool readOnly)
    {
        this.file = file;
        Size = size;
        IsReadOnly = readOnly;
    }

    internal override long Size { get; }

    internal override bool IsReadOnly { get; }

    /// <summary>Opens and locks an image.</summary>
    /// <exception cref="LilyVMException">It cannot be opened, is in use, or is not a whole number of sectors.</exception>
    internal static RawDisk Open(string path, bool readOnly)
    {
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
            throw new LilyVMException($"The disk image {path} is in use by another machine: end that one, or open it in both as read-only or as a snapshot.");
        }
        long size = Math.Max(Seek(file, 0, End), 0); // works for block devices too, which have no length
        if (size > 0 && size % SectorSize == 0)
            return new RawDisk(file, size, readOnly);
        file.Dispose();
        throw new LilyVMException($"The disk image {path} has {size} bytes, which is not a whole number of 512-byte sectors: pad it with truncate -s.");
    }

    internal override void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int count = RandomAccess.Read(file, destination, offset);
            if (count == 0) // somebody shortened the file
            {
                destination.Clear();
                return;
            }
            destination = destination[count..];
            offset += count;
        }
    }

    internal override void Write(long offset, ReadOnlySpan<byte> source) => RandomAccess.Write(file, source, offset);

    internal override void Flush() => RandomAccess.FlushToDisk(file);

    // A file system without holes keeps the bytes, which a discard allows.
    internal override void Discard(long offset, long length) => _ = FileAllocate(file, PunchHole | KeepSize, offset, length);

    internal override void WriteZeroes(long offset, long length, bool mayUnmap)
    {
        if (FileAllocate(file, (mayUnmap ? PunchHole : ZeroRange) | KeepSize, offset, length) == 0)
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
        if (file.IsClosed)
            return;
        ImageLock.Release(file);
        file.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "lseek")]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "fallocate")]
    private static partial int FileAllocate(SafeFileHandle file, int mode, long offset, long length);
}
