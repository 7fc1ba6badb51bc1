using LilyVM.Devices;

namespace LilyVM.Tests.Devices;

public class BusTests
{
    private readonly Bus bus = new();
    private readonly Recorder first = new(), second = new();

    public BusTests()
    {
        bus.Map(0x100, 8, second);
        bus.Map(0x40, 4, first);
        bus.Map(0xFFFF_F000, 0x1000, new Recorder());
    }

    [Fact]
    public void A_device_sees_offsets_only()
    {
        bus.Write(0x42, 2, 0x1234);
        Assert.Equal((2u, 2, 0x1234u), first.Last);
        Assert.Equal(0x1007u, bus.Read(0x107, 1));
        Assert.Equal((7u, 1, 0u), second.Last);
    }

    [Theory]
    [InlineData(0x3F, 1, 0xFFu)]
    [InlineData(0x44, 2, 0xFFFFu)]
    [InlineData(0x0, 4, 0xFFFF_FFFFu)]
    [InlineData(0x43, 2, 0xFFFFu)] // hangs over the end
    [InlineData(0x3E, 4, 0xFFFF_FFFFu)] // begins before
    [InlineData(0xFFFF_FFFF, 4, 0xFFFF_FFFFu)]
    public void Accesses_without_a_taker_read_all_ones_and_are_dropped(uint address, int width, uint expected)
    {
        Assert.Equal(expected, bus.Read(address, width));
        bus.Write(address, width, 1);
        Assert.Equal(default, first.Last);
    }

    [Theory]
    [InlineData(0x43u, 1u)]
    [InlineData(0x30u, 0x11u)]
    [InlineData(0x30u, 0x1000u)]
    [InlineData(0x102u, 1u)]
    [InlineData(0x200u, 0u)]
    [InlineData(0xFFFF_0000u, 0x1_0001u)]
    public void Overlapping_and_impossible_ranges_are_refused(uint start, uint length)
    {
        Assert.Throws<ArgumentException>(() => bus.Map(start, length, new Recorder()));
    }

    [Fact]
    public void Neighbours_are_no_overlap()
    {
        var between = new Recorder();
        bus.Map(0x44, 0x100 - 0x44, between);
        bus.Write(0x44, 1, 5);
        bus.Write(0xFF, 1, 6);
        Assert.Equal((0xBBu, 1, 6u), between.Last);
    }

    [Fact]
    public void Dispatch_allocates_nothing()
    {
        bus.Read(0x40, 1); // compiled
        bus.Write(0x40, 1, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (uint i = 0; i < 1000; i++)
            bus.Write(0x40, 1, bus.Read(0x100, 4) + bus.Read(0x200, 1));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private sealed class Recorder : IDevice
    {
        public (uint Offset, int Width, uint Value) Last { get; private set; }

        public uint Read(uint offset, int width)
        {
            Last = (offset, width, 0);
            return 0x1000 + offset;
        }

        public void Write(uint offset, int width, uint value) => Last = (offset, width, value);
    }
}
