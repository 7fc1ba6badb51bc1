using System.Collections;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Devices.Disks;

/// <summary>
/// A disk over a read-only one. What is written goes to a sparse temporary file that has no name and so vanishes with the process; a bitmap tells
/// which blocks of 4 KiB lie there.
/// </summary>
internal sealed partial class SnapshotDisk : Disk
{
    private const int BlockSize = 4096;
    private const int Nameless = 0x41_0000 | 2 | 0x8_0000, OwnersOnly = 0x180; // open(2): O_TMPFILE, O_RDWR, O_CLOEXEC; 0600

    private readonly Disk below;
    private readonly SafeFileHandle overlay;
    private readonly BitArray written;
    private readonly byte[] block = new byte[BlockSize];

    /// <summary>Creates the overlay in the folder for temporary files; the disk below is disposed with this one.</summary>
    /// <exception cref="LilyVMException">No file can be made there.</exception>
    internal SnapshotDisk(Disk below)
    {
        this.below = below;
        try
        {
            overlay = Open(Path.GetTempPath(), Nameless, OwnersOnly);
            if (overlay.IsInvalid)
                overlay = CreateAndUnlink();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LilyVMException(
                $"Cannot keep a snapshot's changes in {Path.GetTempPath()}: {e.Message.TrimEnd('.')}; set TMPDIR to a folder that can.", e);
        }
        written = new BitArray(checked((int)((below.Size + BlockSize - 1) / BlockSize)));
    }

    internal override long Size => below.Size;

    internal override bool IsReadOnly => false;

    internal override void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int number = (int)(offset / BlockSize);
            bool here = written[number];
            long end = offset + destination.Length, stop = Math.Min(end, (number + 1L) * BlockSize);
            while (stop < end && written[++number] == here)
                stop = Math.Min(end, stop + BlockSize);
            Span<byte> part = destination[..(int)(stop - offset)];
            if (here)
                ReadOverlay(offset, part);
            else
                below.Read(offset, part);
            destination = destination[part.Length..];
            offset = stop;
        }
    }

    internal override void Write(long offset, ReadOnlySpan<byte> source)
    {
        if (source.Length == 0)
            return;
        long end = offset + source.Length;
        int first = (int)(offset / BlockSize), last = (int)((end - 1) / BlockSize);
        if (offset % BlockSize != 0)
            CopyUp(first);
        if (end % BlockSize != 0 && end != Size)
            CopyUp(last);
        RandomAccess.Write(overlay, source, offset);
        for (int number = first; number <= last; number++)
            written[number] = true;
    }

    internal override void Flush()
    {
        // Nothing here outlives the process.
    }

    internal override void Discard(long offset, long length)
    {
        // A discard may leave the bytes as they are.
    }

    internal override void WriteZeroes(long offset, long length, bool mayUnmap)
    {
        byte[] zeroes = new byte[Math.Min(length, 64 * 1024)];
        for (long done = 0; done < length; done += zeroes.Length)
            Write(offset + done, zeroes.AsSpan(0, (int)Math.Min(zeroes.Length, length - done)));
    }

    public override void Dispose()
    {
        overlay.Dispose();
        below.Dispose();
    }

    // For file systems that cannot make a file without a name; a process that is killed just then leaves it.
    private static SafeFileHandle CreateAndUnlink()
    {
        // The folder is its owner's only, so that nobody else can open the file before it loses its name.
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lilyvm-snapshot-");
        try
        {
            return File.OpenHandle(Path.Combine(folder.FullName, "changes"), FileMode.CreateNew, FileAccess.ReadWrite);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string folder, int flags, int mode);

    private void CopyUp(int number)
    {
        if (written[number])
            return;
        long start = (long)number * BlockSize;
        Span<byte> bytes = block.AsSpan(0, (int)Math.Min(BlockSize, Size - start));
        below.Read(start, bytes);
        RandomAccess.Write(overlay, bytes, start);
        written[number] = true;
    }

    private void ReadOverlay(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int count = RandomAccess.Read(overlay, destination, offset);
            if (count == 0)
                throw new IOException("The snapshot's temporary file was cut off.");
            destination = destination[count..];
            offset += count;
        }
    }
}
