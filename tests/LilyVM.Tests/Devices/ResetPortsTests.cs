using LilyVM.Devices;

namespace LilyVM.Tests.Devices;

public class ResetPortsTests
{
    private int resets;

    [Fact]
    public void Port_92_resets_with_bit_0_and_keeps_A20()
    {
        var port = new FastA20Port(() => resets++);
        Assert.Equal(2u, port.Read(0, 1));
        port.Write(0, 1, 0);
        Assert.Equal((0u, 0), (port.Read(0, 1), resets));
        port.Write(0, 1, 3);
        Assert.Equal((2u, 1), (port.Read(0, 1), resets));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(0xE)]
    public void Port_CF9_resets_when_bit_2_rises(uint value)
    {
        var port = new ResetControlPort(() => resets++);
        port.Write(0, 1, 2);
        Assert.Equal((2u, 0), (port.Read(0, 1), resets));
        port.Write(0, 1, value);
        Assert.Equal((value, 1), (port.Read(0, 1), resets));
        port.Write(0, 1, value);
        Assert.Equal(1, resets);
    }

    [Fact]
    public void The_keyboard_controller_resets_with_command_FE()
    {
        var port = new KeyboardControllerPort(() => resets++);
        for (uint command = 0; command < 0xFE; command++)
            port.Write(0, 1, command);
        Assert.Equal((0u, 0), (port.Read(0, 1), resets));
        port.Write(0, 1, 0xFE);
        Assert.Equal(1, resets);
    }

    [Fact]
    public void The_test_port_hands_out_the_status()
    {
        byte? status = null;
        var port = new TestExitPort(s => status = s);
        Assert.Equal(0xFFFFu, port.Read(0, 2));
        port.Write(0, 4, 0x0102_032A);
        Assert.Equal((byte)0x2A, status);
    }

    [Fact]
    public void The_power_management_register_powers_off_by_sleep_enable_with_type_0_as_a_word()
    {
        var port = new PowerOffPort(() => resets++);
        foreach ((int width, uint value) in ((int, uint)[])[(2, 0), (2, 1 << 10), (2, 1 << 13 | 1 << 10), (1, 0x20), (4, 1 << 13)])
            port.Write(0, width, value);
        Assert.Equal((0u, 0xFFu, 0), (port.Read(0, 2), port.Read(0, 1), resets));
        port.Write(0, 2, 1 << 13);
        Assert.Equal(1, resets);
    }

    [Fact]
    public void The_panic_port_says_what_it_understands_and_takes_that()
    {
        var port = new PanicPort(() => resets++);
        port.Write(0, 1, 2);
        Assert.Equal((1u, 0), (port.Read(0, 1), resets));
        port.Write(0, 1, 1);
        Assert.Equal(1, resets);
    }

    [Fact]
    public void Other_offsets_do_nothing()
    {
        foreach (IDevice port in (IDevice[])[new FastA20Port(() => resets++), new ResetControlPort(() => resets++),
            new KeyboardControllerPort(() => resets++),
            new TestExitPort(_ => resets++), new PanicPort(() => resets++), new PowerOffPort(() => resets++)])
        {
            port.Write(1, 1, 0x06);
            port.Write(1, 2, 0xFEFF);
            Assert.Equal(0xFFFFu, port.Read(1, 2));
        }
        Assert.Equal(0, resets);
    }
}
