using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Interrupts;

namespace LilyVM.Tests.Hypervisor.Interrupts;

public unsafe class CorePortsTests
{
    [Fact]
    public void A_timer_tick_reaches_the_controller_with_the_next_access()
    {
        InterruptUnit unit = default;
        unit.Reset();
        foreach ((uint port, uint value) in ((uint, uint)[])[(0x20, 0x11), (0x21, 0x20), (0x21, 4), (0x21, 1), (0x21, 0), (0x43, 0x34),
            (0x40, 0x10), (0x40, 0x00)])
            Assert.True(Write(&unit, port, 1, value, 0));
        Assert.False(unit.Pic.Pending);
        Assert.True(Write(&unit, 0x20, 1, 0x0A, 1_000_000));
        Assert.True(unit.Pic.Pending);
        Assert.Equal(0x20u, unit.Pic.Acknowledge());
    }

    [Fact]
    public void Wider_accesses_are_bytes_at_consecutive_ports()
    {
        InterruptUnit unit = default;
        unit.Reset();
        Assert.True(Write(&unit, 0x4D0, 2, 0x0810, 0));
        Access access = default;
        access.Kind = AccessKind.PortRead;
        access.Address = 0x4D0;
        access.Width = 4;
        Assert.True(CorePorts.Access(&unit, &access, 0));
        Assert.Equal(0xFFFF_0810u, access.Value);
    }

    [Theory]
    [InlineData(0x3F8u)]
    [InlineData(0x60u)]
    [InlineData(0x80u)]
    public void Other_ports_are_left_to_others(uint port)
    {
        InterruptUnit unit = default;
        unit.Reset();
        Assert.False(Write(&unit, port, 1, 0, 0));
    }

    private static bool Write(InterruptUnit* unit, uint port, uint width, uint value, ulong now)
    {
        Access access = default;
        access.Kind = AccessKind.PortWrite;
        access.Address = port;
        access.Width = width;
        access.Value = value;
        return CorePorts.Access(unit, &access, now);
    }
}
