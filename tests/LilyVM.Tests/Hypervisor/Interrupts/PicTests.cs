using LilyVM.Hypervisor.Interrupts;

namespace LilyVM.Tests.Hypervisor.Interrupts;

/// <summary>The interrupt controllers against the 8259A data sheet.</summary>
public class PicTests
{
    private const uint NonSpecificEnd = 0x20, SpecificEnd = 0x60, RotateOnEnd = 0xA0;

    [Fact]
    public void Nothing_is_delivered_before_initialization()
    {
        Pic pic = default;
        pic.Reset();
        pic.Edge(0xFFFB);
        Assert.False(pic.Pending);
    }

    [Fact]
    public void A_request_is_acknowledged_with_its_vector_and_blocks_lower_ones_until_the_end_of_interrupt()
    {
        Pic pic = Initialized();
        pic.Edge(1 << 1);
        Assert.Equal(0x31u, pic.Acknowledge());
        pic.Edge(1 << 3);
        Assert.False(pic.Pending);
        pic.Edge(1 << 0);
        Assert.Equal(0x30u, pic.Acknowledge());
        pic.Write(0x20, NonSpecificEnd);
        Assert.False(pic.Pending);
        pic.Write(0x20, NonSpecificEnd);
        Assert.Equal(0x33u, pic.Acknowledge());
    }

    [Fact]
    public void An_input_of_the_second_controller_needs_both_ends()
    {
        Pic pic = Initialized();
        pic.Edge(1 << 14);
        Assert.Equal(0x3Eu, pic.Acknowledge());
        pic.Edge(1 << 3);
        Assert.False(pic.Pending); // input 2 of the first one is in service
        pic.Write(0xA0, SpecificEnd | 6);
        pic.Write(0x20, SpecificEnd | 2);
        Assert.Equal(0x33u, pic.Acknowledge());
    }

    [Fact]
    public void A_request_of_the_second_controller_waits_while_a_higher_one_of_it_is_served_and_comes_after_it()
    {
        Pic pic = Initialized();
        pic.Edge(1 << 9 | 1 << 12);
        Assert.Equal(0x39u, pic.Acknowledge());
        pic.Write(0x20, SpecificEnd | 2);
        Assert.False(pic.Pending);
        pic.Write(0xA0, NonSpecificEnd);
        Assert.Equal(0x3Cu, pic.Acknowledge());
    }

    [Fact]
    public void Masked_requests_wait_and_are_seen_in_the_request_register()
    {
        Pic pic = Initialized();
        pic.Write(0x21, 0xFF);
        pic.Edge(1 << 4);
        Assert.False(pic.Pending);
        pic.Write(0x20, 0x0A);
        Assert.Equal(0x10u, Read(ref pic, 0x20));
        Assert.Equal(0xFFu, Read(ref pic, 0x21));
        pic.Write(0x21, 0);
        Assert.Equal(0x34u, pic.Acknowledge());
        Assert.Equal(0u, Read(ref pic, 0x20));
        pic.Write(0x20, 0x0B);
        Assert.Equal(0x10u, Read(ref pic, 0x20));
    }

    [Theory]
    [InlineData(1 << 5, 0x4D0u, 0x37u)]
    [InlineData(1 << 10, 0x4D1u, 0x37u)]
    public void A_level_request_that_goes_away_is_spurious(uint input, uint triggerPort, uint vector)
    {
        Pic pic = Initialized();
        pic.Write(triggerPort, 0xFF);
        pic.SetLevel(input);
        Assert.True(pic.Pending);
        pic.SetLevel(0);
        Assert.False(pic.Pending);
        Assert.Equal(vector, pic.Acknowledge());
        pic.Write(0x20, 0x0B);
        Assert.Equal(0u, Read(ref pic, 0x20)); // a spurious interrupt is not in service
    }

    [Fact]
    public void A_level_request_comes_again_as_long_as_the_input_is_high()
    {
        Pic pic = Initialized();
        pic.Write(0x4D1, 1 << 3);
        pic.SetLevel(1 << 11);
        Assert.Equal(0x3Bu, pic.Acknowledge());
        End(ref pic);
        Assert.Equal(0x3Bu, pic.Acknowledge());
        pic.SetLevel(0);
        End(ref pic);
        Assert.False(pic.Pending);
    }

    [Fact]
    public void An_edge_triggered_input_that_stays_high_requests_once()
    {
        Pic pic = Initialized();
        pic.SetLevel(1 << 4);
        Assert.Equal(0x34u, pic.Acknowledge());
        pic.Write(0x20, NonSpecificEnd);
        pic.SetLevel(1 << 4);
        Assert.False(pic.Pending);
        pic.SetLevel(0);
        pic.SetLevel(1 << 4);
        Assert.True(pic.Pending);
    }

    [Fact]
    public void Trigger_modes_of_timer_keyboard_cascade_clock_and_coprocessor_are_fixed()
    {
        Pic pic = Initialized();
        pic.Write(0x4D0, 0xFF);
        pic.Write(0x4D1, 0xFF);
        Assert.Equal(0xF8u, Read(ref pic, 0x4D0));
        Assert.Equal(0xDEu, Read(ref pic, 0x4D1));
    }

    [Fact]
    public void Automatic_end_leaves_nothing_in_service()
    {
        Pic pic = Initialized(fourth: 0x03);
        pic.Edge(1 << 3);
        pic.Acknowledge();
        pic.Edge(1 << 5);
        Assert.Equal(0x35u, pic.Acknowledge());
    }

    [Fact]
    public void Rotation_makes_the_served_input_the_last_one()
    {
        Pic pic = Initialized();
        pic.Edge(1 << 3);
        pic.Acknowledge();
        pic.Write(0x20, RotateOnEnd);
        pic.Edge(1 << 3 | 1 << 4);
        Assert.Equal(0x34u, pic.Acknowledge());
    }

    [Fact]
    public void Set_priority_names_the_last_input()
    {
        Pic pic = Initialized();
        pic.Write(0x20, 0xC0 | 5);
        pic.Edge(1 << 0 | 1 << 6);
        Assert.Equal(0x36u, pic.Acknowledge());
    }

    [Fact]
    public void Special_mask_mode_lets_lower_inputs_through_a_masked_one_in_service()
    {
        Pic pic = Initialized();
        pic.Edge(1 << 1);
        pic.Acknowledge();
        pic.Edge(1 << 5);
        pic.Write(0x21, 1 << 1);
        Assert.False(pic.Pending);
        pic.Write(0x20, 0x68);
        Assert.Equal(0x35u, pic.Acknowledge());
    }

    [Fact]
    public void Poll_acknowledges_and_names_the_input()
    {
        Pic pic = Initialized();
        pic.Edge(1 << 6);
        pic.Write(0x20, 0x0C);
        Assert.Equal(0x86u, Read(ref pic, 0x20));
        pic.Write(0x20, 0x0C);
        Assert.Equal(0u, Read(ref pic, 0x20));
        Assert.False(pic.Pending);
    }

    [Fact]
    public void Other_ports_belong_to_others()
    {
        Pic pic = default;
        Assert.False(pic.Write(0x22, 0));
        Assert.False(pic.Write(0xA2, 0));
    }

    private static Pic Initialized(uint fourth = 0x01)
    {
        Pic pic = default;
        pic.Reset();
        foreach ((uint port, uint basis, uint cascade) in ((uint, uint, uint)[])[(0x20, 0x30, 4), (0xA0, 0x38, 2)])
        {
            pic.Write(port, 0x11);
            pic.Write(port + 1, basis);
            pic.Write(port + 1, cascade);
            pic.Write(port + 1, fourth);
            pic.Write(port + 1, 0);
        }
        return pic;
    }

    private static void End(ref Pic pic)
    {
        pic.Write(0xA0, NonSpecificEnd);
        pic.Write(0x20, NonSpecificEnd);
    }

    private static unsafe uint Read(ref Pic pic, uint port)
    {
        uint value;
        Assert.True(pic.Read(port, &value));
        return value;
    }
}
