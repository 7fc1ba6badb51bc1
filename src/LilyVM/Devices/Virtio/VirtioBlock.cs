using System.Buffers.Binary;
using System.Text;
using LilyVM.Devices.Disks;

namespace LilyVM.Devices.Virtio;

/// <summary>
/// A block device (virtio 1.2, 5.2) over a raw image. Data goes between file and guest RAM directly. Writes may stay in the host's page
/// cache until the driver flushes, unless it chose write-through.
/// </summary>
public sealed class VirtioBlock : VirtioDevice
{
    private const int SectorSize = 512, IdLength = 20, RangeSize = 16;

    // Feature bits (5.2.3).
    private const ulong SegMax = 1 << 2, ReadOnly = 1 << 5, BlkSize = 1 << 6, Flush = 1 << 9, ConfigWce = 1 << 11, Discard = 1 << 13,
        WriteZeroes = 1 << 14;

    // Request types and status (5.2.6).
    private const uint TypeIn = 0, TypeOut = 1, TypeFlush = 4, TypeGetId = 8, TypeDiscard = 11, TypeWriteZeroes = 13;
    private const byte Ok = 0, IoError = 1, Unsupported = 2;
    private const uint Unmap = 1; // flag of a range to zero

    // Limits that the configuration space tells the driver.
    private const uint MostSegments = 254, MostRangeSectors = 1 << 22, MostRanges = 16;
    private const int WritebackOffset = 32;

    private readonly Disk disk;
    private readonly Action<string>? tell;
    private readonly byte[] id = new byte[IdLength];
    private readonly byte[] configuration = new byte[60];
    private bool told;

    internal VirtioBlock(Disk disk, string name, Action<string>? tell = null)
    {
        this.disk = disk;
        this.tell = tell;
        Encoding.ASCII.GetBytes(name.AsSpan(0, Math.Min(name.Length, IdLength)), id);
        BinaryPrimitives.WriteInt64LittleEndian(configuration, disk.Size / SectorSize);
        foreach ((int offset, uint value) in ((int, uint)[])[(12, MostSegments), (20, SectorSize), (36, MostRangeSectors), (40, MostRanges),
            (44, 1),
            (48, MostRangeSectors), (52, MostRanges)])
            BinaryPrimitives.WriteUInt32LittleEndian(configuration.AsSpan(offset), value);
        configuration[34] = 1; // num_queues
        configuration[56] = 1; // write_zeroes_may_unmap
        Reset();
    }

    /// <summary>Opens a raw image, whose file name becomes the disk's serial number.</summary>
    /// <param name="path">The image.</param>
    /// <param name="readOnly">The guest cannot write.</param>
    /// <param name="snapshot">The guest can write, but the image is not changed: what is written is lost at the end.</param>
    /// <param name="tell">Called once, on the device's thread, with a sentence about the first thing that the host refuses.</param>
    /// <exception cref="LilyVMException">It cannot be opened, is in use, or is no disk image.</exception>
    public static VirtioBlock Open(string path, bool readOnly, bool snapshot, Action<string>? tell = null)
    {
        Disk disk = RawDisk.Open(path, readOnly || snapshot);
        if (snapshot && !readOnly)
        {
            try
            {
                disk = new SnapshotDisk(disk);
            }
            catch (LilyVMException)
            {
                disk.Dispose();
                throw;
            }
        }
        return new VirtioBlock(disk, Path.GetFileName(path), tell);
    }

    internal override uint DeviceId => 2;

    internal override ulong DeviceFeatures => SegMax | BlkSize | Flush | (disk.IsReadOnly ? ReadOnly : ConfigWce | Discard | WriteZeroes);

    internal override int QueueCount => 1;

    internal override ReadOnlySpan<byte> Configuration => configuration;

    internal override void WriteConfiguration(uint offset, byte value)
    {
        if (offset == WritebackOffset && (Features & ConfigWce) != 0)
            configuration[WritebackOffset] = (byte)(value & 1);
    }

    internal override void Reset()
    {
        base.Reset();
        configuration[WritebackOffset] = 1;
    }

    internal override void Process(int index, Virtqueue queue)
    {
        while (queue.TryPop(out VirtqueueChain? request))
        {
            if (request.WritableLeft > 0) // without a byte for the status there is nothing to do
            {
                byte result = Execute(request);
                while (request.WritableLeft > 1) // the status is the last byte
                    request.NextWritable(request.WritableLeft - 1);
                request.NextWritable(1)[0] = result;
            }
            queue.Complete(request);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        disk.Dispose();
        base.Dispose();
    }

    // Write-through if the driver cannot flush, or asked for it (5.2.6.2).
    private bool WritesThrough => (Features & Flush) == 0 || ((Features & ConfigWce) != 0 && configuration[WritebackOffset] == 0);

    private byte Execute(VirtqueueChain request)
    {
        Span<byte> header = stackalloc byte[16];
        if (!request.TryRead(header))
            return IoError;
        uint type = BinaryPrimitives.ReadUInt32LittleEndian(header);
        ulong sector = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        if (type is TypeOut or TypeDiscard or TypeWriteZeroes && disk.IsReadOnly)
            return IoError;
        try
        {
            byte result = type switch
            {
                TypeIn => Read(request, sector),
                TypeOut => Write(request, sector),
                TypeFlush => FlushAll(),
                TypeGetId => GetId(request),
                TypeDiscard or TypeWriteZeroes => ExecuteRanges(request, type),
                _ => Unsupported,
            };
            if (type is TypeOut or TypeWriteZeroes && result == Ok && WritesThrough)
                disk.Flush();
            return result;
        }
        catch (IOException e) // the host's disk is full, broken or gone
        {
            if (!told)
                tell?.Invoke(e.Message);
            told = true;
            return IoError;
        }
    }

    private bool Contains(ulong sector, ulong bytes)
    {
        ulong capacity = (ulong)(disk.Size / SectorSize);
        return bytes % SectorSize == 0 && sector <= capacity && bytes / SectorSize <= capacity - sector;
    }

    private byte Read(VirtqueueChain request, ulong sector)
    {
        if (!Contains(sector, request.WritableLeft - 1))
            return IoError;
        long offset = (long)sector * SectorSize;
        while (request.WritableLeft > 1)
        {
            Span<byte> bytes = request.NextWritable(request.WritableLeft - 1);
            disk.Read(offset, bytes);
            offset += bytes.Length;
        }
        return Ok;
    }

    private byte Write(VirtqueueChain request, ulong sector)
    {
        if (!Contains(sector, request.ReadableLeft))
            return IoError;
        long offset = (long)sector * SectorSize;
        while (request.ReadableLeft > 0)
        {
            ReadOnlySpan<byte> bytes = request.NextReadable(request.ReadableLeft);
            disk.Write(offset, bytes);
            offset += bytes.Length;
        }
        return Ok;
    }

    private byte FlushAll()
    {
        disk.Flush();
        return Ok;
    }

    private byte GetId(VirtqueueChain request)
    {
        if (request.WritableLeft != IdLength + 1)
            return IoError;
        for (int done = 0; done < IdLength;)
        {
            Span<byte> bytes = request.NextWritable((ulong)(IdLength - done));
            id.AsSpan(done, bytes.Length).CopyTo(bytes);
            done += bytes.Length;
        }
        return Ok;
    }

    private byte ExecuteRanges(VirtqueueChain request, uint type)
    {
        if (request.ReadableLeft is 0 or > MostRanges * RangeSize || request.ReadableLeft % RangeSize != 0)
            return IoError;
        Span<byte> range = stackalloc byte[RangeSize];
        while (request.TryRead(range))
        {
            ulong sector = BinaryPrimitives.ReadUInt64LittleEndian(range);
            uint count = BinaryPrimitives.ReadUInt32LittleEndian(range[8..]), flags = BinaryPrimitives.ReadUInt32LittleEndian(range[12..]);
            if ((flags & ~(type == TypeWriteZeroes ? Unmap : 0)) != 0)
                return Unsupported;
            if (count > MostRangeSectors || !Contains(sector, (ulong)count * SectorSize))
                return IoError;
            long offset = (long)sector * SectorSize, length = (long)count * SectorSize;
            if (type == TypeWriteZeroes)
                disk.WriteZeroes(offset, length, (flags & Unmap) != 0);
            else
                disk.Discard(offset, length);
        }
        return Ok;
    }
}
