using LilyVM.Boot;
using LilyVM.Memory;

namespace LilyVM.Tests.Boot;

/// <summary>RAM below and above the hole that a PC has for devices below 4 GiB: as kernels are told, and as it is accessed.</summary>
public sealed unsafe class MemoryMapTests
{
    private const ulong Low = 0xC000_0000, High = 0x1_0000_0000, Page = 0x1000;

    [Theory]
    [InlineData(Low - Page, Low - Page, 0)]
    [InlineData(Low, Low, 0)]
    [InlineData(Low + Page, Low, Page)]
    [InlineData(8UL << 30, Low, 5UL << 30)]
    public void RAM_goes_on_at_4_GiB(ulong bytes, ulong low, ulong high)
    {
        IReadOnlyList<E820Entry> map = new MemoryMap(bytes).Entries;
        List<E820Entry> expected =
        [
            new(0, 0x9_FC00, E820Type.Usable), new(0x9_FC00, 0x400, E820Type.Reserved), new(0x10_0000, low - 0x10_0000, E820Type.Usable),
            .. high == 0 ? [] : (E820Entry[])[new(High, high, E820Type.Usable)],
        ];
        Assert.Equal(expected, map);
    }

    [Fact]
    public void A_bare_machine_has_its_library_where_the_hole_begins()
    {
        var map = new MemoryMap(3UL << 30, 0x7F00_0000);
        Assert.Equal((0x7F00_0000u, 0x4100_0000ul), (map.LowEnd, map.HighBytes));
    }

    [Theory]
    [InlineData(0, 8, true)]
    [InlineData(Low - 8, 8, true)]
    [InlineData(Low - 8, 9, false)]
    [InlineData(Low, 0, true)] // nothing
    [InlineData(Low, 1, false)]
    [InlineData(High - 1, 1, false)]
    [InlineData(High - 1, 2, false)]
    [InlineData(Low - 1, High - Low + 2, false)]
    [InlineData(High, 8, true)]
    [InlineData(High + (5UL << 30) - 1, 1, true)]
    [InlineData(High + (5UL << 30) - 1, 2, false)]
    [InlineData(High + (5UL << 30) + 1, 0, false)]
    [InlineData(ulong.MaxValue, 2, false)]
    [InlineData(High, ulong.MaxValue, false)]
    public void Only_RAM_is_given_out(ulong address, ulong length, bool isRam)
    {
        var ram = new GuestRam((byte*)0x10_0000, 8UL << 30); // nothing is read
        Assert.Equal(High + (5UL << 30), ram.End);
        Assert.Equal(isRam, ram.TryGetSpan(address, length, out Span<byte> span));
        Assert.Equal(isRam ? length : 0, (ulong)span.Length);
        Assert.Equal(isRam ? 0x10_0000 + address : 0, (ulong)ram.Pointer(address, length));
    }

    [Fact]
    public void Small_RAM_ends_where_it_ends()
    {
        var ram = new GuestRam((byte*)0x10_0000, 64 << 20);
        Assert.Equal(64ul << 20, ram.End);
        Assert.True(ram.TryGetSpan((64 << 20) - 1, 1, out _));
        Assert.False(ram.TryGetSpan((64 << 20) - 1, 2, out _));
        Assert.False(ram.TryGetSpan(High, 1, out _));
    }
}
