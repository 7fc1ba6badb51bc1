using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Shared;

namespace LilyVM.Tests.Hypervisor.Shared;

/// <summary>The ring of writes on their way to the VM process.</summary>
public sealed unsafe class PostedWritesTests
{
    private const ulong HighAddress = 0xFEED_0000_1000, WideValue = 0x1122_3344_5566_7788;

    [Fact]
    public void What_is_posted_comes_out_whole_and_in_order()
    {
        PostedWrites posted = default;
        Assert.True(PostedWrites.Allow(&posted, AccessKind.DeviceWrite, HighAddress, 8));
        Assert.True(PostedWrites.Allow(&posted, AccessKind.PortWrite, 0x3F8, 1));
        Access device = new() { Kind = AccessKind.DeviceWrite, Address = HighAddress, Width = 8, Value = WideValue };
        Access port = new() { Kind = AccessKind.PortWriteString, Address = 0x3F8, Width = 1, Value = 'x' };
        Assert.True(PostedWrites.TryPost(&posted, AccessKind.DeviceWrite, &device));
        Assert.True(PostedWrites.TryPost(&posted, AccessKind.PortWrite, &port));
        Assert.True(PostedWrites.Any(&posted));

        Access taken;
        Assert.True(PostedWrites.TryTake(&posted, &taken));
        Assert.Equal((AccessKind.DeviceWrite, HighAddress, 8u, WideValue), (taken.Kind, taken.Address, taken.Width, taken.Value));
        Assert.True(PostedWrites.TryTake(&posted, &taken));
        Assert.Equal((AccessKind.PortWrite, 0x3F8ul, 1u, (ulong)'x'), (taken.Kind, taken.Address, taken.Width, taken.Value));
        Assert.False(PostedWrites.TryTake(&posted, &taken));
        Assert.False(PostedWrites.Any(&posted));
    }

    [Fact]
    public void Only_what_lies_in_a_range_of_its_kind_is_posted()
    {
        PostedWrites posted = default;
        PostedWrites.Allow(&posted, AccessKind.PortWrite, 0x3F8, 2);
        Access write = new() { Address = 0x3F9 };
        Assert.False(PostedWrites.TryPost(&posted, AccessKind.DeviceWrite, &write));
        Assert.True(PostedWrites.TryPost(&posted, AccessKind.PortWrite, &write));
        foreach (ulong outside in (ulong[])[0x3F7, 0x3FA, 0x1_0000_03F8])
        {
            write.Address = outside;
            Assert.False(PostedWrites.TryPost(&posted, AccessKind.PortWrite, &write));
        }
    }

    [Fact]
    public void A_full_ring_takes_no_more_until_one_is_taken_out()
    {
        PostedWrites posted = default;
        PostedWrites.Allow(&posted, AccessKind.PortWrite, 0, 0x1_0000);
        Access write = new() { Width = 1 };
        for (int i = 0; i < PostedWrites.Capacity; i++)
            Assert.True(PostedWrites.TryPost(&posted, AccessKind.PortWrite, &write));
        Assert.False(PostedWrites.TryPost(&posted, AccessKind.PortWrite, &write));
        Access taken;
        Assert.True(PostedWrites.TryTake(&posted, &taken));
        Assert.True(PostedWrites.TryPost(&posted, AccessKind.PortWrite, &write));
    }

    [Fact]
    public void There_is_room_for_so_many_ranges()
    {
        PostedWrites posted = default;
        for (uint i = 0; i < PostedWrites.RangeCapacity; i++)
            Assert.True(PostedWrites.Allow(&posted, AccessKind.PortWrite, i, 1));
        Assert.False(PostedWrites.Allow(&posted, AccessKind.PortWrite, 0x3F8, 1));
    }
}
