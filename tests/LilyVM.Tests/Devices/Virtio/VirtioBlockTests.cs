using System.Buffers.Binary;
using System.Text;
using LilyVM.Devices.Virtio;

namespace LilyVM.Tests.Devices.Virtio;

public sealed class VirtioBlockTests : IDisposable
{
    private const uint Header = 0x7000, Status = 0x7100, Data = 0x8000;
    private const uint In = 0, Out = 1, Flush = 4, GetId = 8, Discard = 11, WriteZeroes = 13;
    private const ulong CanFlush = 1 << 9, CanChangeCache = 1 << 11;
    private const int Sectors = 16;

    private readonly MemoryDisk disk = new(Sectors * 512);

    public void Dispose() => disk.Dispose();

    [Fact]
    public void Tells_its_capacity_and_limits()
    {
        using var driver = new TestDriver(new VirtioBlock(disk, "d"));
        Assert.Equal(((uint)Sectors, 0u), (driver.Get(0x100), driver.Get(0x104)));
        Assert.Equal((254u, 512u), (driver.Get(0x10C), driver.Get(0x114)));
        Assert.Equal((1u, 1u), (driver.Device.Read(0x120, 1), driver.Device.Read(0x122, 2)));
        Assert.Equal((1u << 22, 16u, 1u), (driver.Get(0x124), driver.Get(0x128), driver.Get(0x12C)));
        Assert.Equal(0x3000_6A44u, driver.Get(0x010));
    }

    [Fact]
    public void Writes_and_reads_scattered_sectors()
    {
        using var driver = new TestDriver(new VirtioBlock(disk, "d"), CanFlush);
        for (int i = 0; i < 1024; i++)
            driver.Memory.Bytes[(int)Data + i] = (byte)(i * 7);
        byte[] expected = driver.Memory.Bytes.Slice((int)Data, 1024).ToArray();
        Assert.Equal(0, Request(driver, Out, 3, new TestBuffer(Data, 100), new TestBuffer(Data + 100, 24),
            new TestBuffer(Data + 124, 900)));
        Assert.Equal(expected, disk.Bytes[1536..2560]);
        Assert.Equal(0, disk.Flushes); // write-back
        Assert.Equal(0, Request(driver, In, 3, new TestBuffer(Data + 0x1000, 1000, true), new TestBuffer(Data + 0x3000, 24, true)));
        Assert.Equal(expected[..1000], driver.Memory.Bytes.Slice((int)Data + 0x1000, 1000).ToArray());
        Assert.Equal(expected[1000..], driver.Memory.Bytes.Slice((int)Data + 0x3000, 24).ToArray());
    }

    [Theory]
    [InlineData(In, Sectors, 512u, 1)]
    [InlineData(In, Sectors - 1, 1024u, 1)]
    [InlineData(In, ulong.MaxValue, 512u, 1)]
    [InlineData(In, ulong.MaxValue / 512 + 1, 512u, 1)]
    [InlineData(In, 0, 511u, 1)]
    [InlineData(Out, Sectors, 512u, 1)]
    [InlineData(Out, 0, 100u, 1)]
    [InlineData(Out, Sectors - 1, 512u, 0)]
    [InlineData(In, Sectors, 0u, 0)]
    [InlineData(GetId, 0, 19u, 1)]
    [InlineData(99u, 0, 512u, 2)]
    [InlineData(2u, 0, 512u, 2)]
    public void Refuses_what_lies_outside_the_disk_or_is_unknown(uint type, ulong sector, uint length, byte expected)
    {
        using var driver = new TestDriver(new VirtioBlock(disk, "d"));
        Assert.Equal(expected, Request(driver, type, sector, new TestBuffer(Data, length, type != Out)));
    }

    [Fact]
    public void Flushes_when_told_to_and_always_for_a_driver_that_cannot()
    {
        using var flushing = new TestDriver(new VirtioBlock(disk, "d"), CanFlush | CanChangeCache);
        Assert.Equal(0, Request(flushing, Flush, 0));
        Assert.Equal(1, disk.Flushes);
        flushing.Device.Write(0x120, 1, 0); // write-through
        Request(flushing, Out, 0, new TestBuffer(Data, 512));
        Assert.Equal(2, disk.Flushes);
        flushing.Device.Write(0x120, 1, 1);
        Request(flushing, Out, 0, new TestBuffer(Data, 512));
        Assert.Equal(2, disk.Flushes);
        using var simple = new TestDriver(new VirtioBlock(disk, "d"));
        Request(simple, Out, 0, new TestBuffer(Data, 512));
        Assert.Equal(3, disk.Flushes);
    }

    [Fact]
    public void Says_its_name()
    {
        using var driver = new TestDriver(new VirtioBlock(disk, "a-name-of-more-than-20-bytes"));
        Assert.Equal(0, Request(driver, GetId, 0, new TestBuffer(Data, 20, true)));
        Assert.Equal("a-name-of-more-than-", Encoding.ASCII.GetString(driver.Memory.Bytes.Slice((int)Data, 20)));
    }

    [Fact]
    public void Discards_and_zeroes_ranges()
    {
        Array.Fill(disk.Bytes, (byte)1);
        using var driver = new TestDriver(new VirtioBlock(disk, "d"));
        Assert.Equal(0, Ranges(driver, WriteZeroes, (2, 1, 1), (4, 2, 0)));
        Assert.Equal([1, 1, 0, 1, 0, 0, 1], Enumerable.Range(0, 7).Select(s => (int)disk.Bytes[512 * s]));
        Assert.Equal(0, Ranges(driver, Discard, (0, Sectors, 0)));
        Assert.Equal(1, disk.Discards);
        Assert.Equal(1, Ranges(driver, Discard, (Sectors, 1, 0)));
        Assert.Equal(1, Ranges(driver, WriteZeroes, (1, uint.MaxValue, 0)));
        Assert.Equal(2, Ranges(driver, Discard, (0, 1, 1)));
        Assert.Equal(2, Ranges(driver, WriteZeroes, (0, 1, 2)));
        Assert.Equal(1, Request(driver, Discard, 0, new TestBuffer(Data, 15)));
        Assert.Equal(1, Request(driver, Discard, 0));
        Assert.Equal(1, Request(driver, Discard, 0, new TestBuffer(Data, 17 * 16)));
    }

    [Fact]
    public void A_read_only_disk_is_not_written()
    {
        using var driver = new TestDriver(new VirtioBlock(new MemoryDisk(4096, readOnly: true), "d"));
        Assert.Equal(0x3000_0264u, driver.Get(0x010));
        Assert.Equal(1, Request(driver, Out, 0, new TestBuffer(Data, 512)));
        Assert.Equal(1, Ranges(driver, WriteZeroes, (0, 1, 0)));
        Assert.Equal(1, Ranges(driver, Discard, (0, 1, 0)));
        Assert.Equal(0, Request(driver, In, 0, new TestBuffer(Data, 512, true)));
    }

    [Fact]
    public void An_error_of_the_host_is_the_guests_to_handle()
    {
        disk.Broken = true;
        List<string> told = [];
        using var driver = new TestDriver(new VirtioBlock(disk, "d", told.Add));
        Assert.Equal(1, Request(driver, In, 0, new TestBuffer(Data, 512, true)));
        Assert.Equal(1, Request(driver, Out, 0, new TestBuffer(Data, 512)));
        Assert.Equal(["broken"], told); // the user hears of the first one
        disk.Broken = false;
        Assert.Equal(0, Request(driver, Out, 0, new TestBuffer(Data, 512)));
    }

    [Fact]
    public void Requests_without_header_or_status_come_back()
    {
        using var driver = new TestDriver(new VirtioBlock(disk, "d"));
        driver.Memory.Bytes[(int)Status] = 0x55;
        driver.Add(0, new TestBuffer(Header, 15), new TestBuffer(Status, 1, true));
        Assert.Equal(1u, driver.Complete(0));
        Assert.Equal(1, driver.Memory.Bytes[(int)Status]);
        driver.Add(0, new TestBuffer(Header, 16));
        Assert.Equal(0u, driver.Complete(0));
    }

    internal static int Ranges(TestDriver driver, uint type, params (ulong Sector, uint Count, uint Flags)[] ranges)
    {
        for (int i = 0; i < ranges.Length; i++)
        {
            Span<byte> range = driver.Memory.Bytes[((int)Data + 16 * i)..];
            BinaryPrimitives.WriteUInt64LittleEndian(range, ranges[i].Sector);
            BinaryPrimitives.WriteUInt32LittleEndian(range[8..], ranges[i].Count);
            BinaryPrimitives.WriteUInt32LittleEndian(range[12..], ranges[i].Flags);
        }
        return Request(driver, type, 0, new TestBuffer(Data, 16 * (uint)ranges.Length));
    }

    internal static int Request(TestDriver driver, uint type, ulong sector, params ReadOnlySpan<TestBuffer> data)
    {
        driver.Memory.Write32(Header, type);
        driver.Memory.Write64(Header + 8, sector);
        driver.Memory.Bytes[(int)Status] = 0x55;
        driver.Add(0, [new TestBuffer(Header, 16), .. data, new TestBuffer(Status, 1, true)]);
        driver.Complete(0);
        return driver.Memory.Bytes[(int)Status];
    }
}
