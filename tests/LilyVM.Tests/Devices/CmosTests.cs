using LilyVM.Devices;

namespace LilyVM.Tests.Devices;

public class CmosTests
{
    private readonly TestTime time = new(new DateTimeOffset(2031, 12, 28, 23, 59, 48, TimeSpan.Zero)); // a Sunday
    private readonly Cmos cmos;

    public CmosTests() => cmos = new Cmos(time);

    [Fact]
    public void Tells_the_time_in_BCD()
    {
        Assert.Equal([0x48u, 0x59u, 0x23u, 1u, 0x28u, 0x12u, 0x31u, 0x20u], Clock());
        time.Now += TimeSpan.FromSeconds(13);
        Assert.Equal([0x01u, 0x00u, 0x00u, 2u, 0x29u, 0x12u, 0x31u, 0x20u], Clock());
    }

    [Fact]
    public void Tells_the_time_in_binary()
    {
        Out(0xB, 6);
        Assert.Equal([48u, 59u, 23u, 1u, 28u, 12u, 31u, 20u], Clock());
    }

    [Fact]
    public void Is_never_in_an_update_and_asks_for_no_interrupt()
    {
        Out(0xA, 0xFF);
        Out(0xB, 0x70); // periodic, alarm and update-ended interrupts
        Assert.Equal((0x26u, 2u, 0u, 0x80u), (In(0xA), In(0xB), In(0xC), In(0xD)));
    }

    [Fact]
    public void A_stopped_clock_takes_a_new_time_and_goes_on_from_it()
    {
        Out(0xB, 0x82);
        time.Now += TimeSpan.FromHours(1);
        Assert.Equal(0x48u, In(0)); // stopped
        foreach ((byte index, byte value) in ((byte, byte)[])[(0, 0x10), (2, 0x20), (4, 0x05), (7, 0x29), (8, 0x02), (9, 0x28), (0x32, 0x20)])
            Out(index, value);
        Out(0xB, 2);
        time.Now += TimeSpan.FromSeconds(1);
        Assert.Equal([0x11u, 0x20u, 0x05u, 3u, 0x29u, 0x02u, 0x28u, 0x20u], Clock());
    }

    [Fact]
    public void A_running_clock_takes_single_values()
    {
        Out(4, 0x07);
        time.Now += TimeSpan.FromSeconds(2);
        Assert.Equal([0x50u, 0x59u, 0x07u], Clock()[..3]);
    }

    [Fact]
    public void A_date_that_does_not_exist_changes_nothing()
    {
        Out(8, 0x13);
        Out(4, 0x99);
        Out(7, 0);
        Assert.Equal([0x48u, 0x59u, 0x23u, 1u, 0x28u, 0x12u, 0x31u, 0x20u], Clock());
    }

    [Fact]
    public void Keeps_other_bytes()
    {
        for (byte i = 0x0E; i < 0x80; i++)
        {
            if (i != 0x32)
                Out(i, (byte)(i ^ 0x5A));
        }
        Assert.Equal(0x70u ^ 0x5A, In(0x70));
        Assert.Equal(0x0Eu ^ 0x5A, In(0x0E | 0x80)); // bit 7 is the NMI mask
    }

    [Fact]
    public void The_index_cannot_be_read_and_a_wide_write_sets_both()
    {
        cmos.Write(0, 2, 0x7740);
        Assert.Equal(0x77u, In(0x40));
        Assert.Equal(0x77FFu, cmos.Read(0, 2));
        cmos.Write(2, 1, 0);
        Assert.Equal(0xFFu, cmos.Read(2, 1));
        Assert.Equal(0x77u, cmos.Read(1, 1));
    }

    private uint[] Clock() => [.. ((byte[])[0, 2, 4, 6, 7, 8, 9, 0x32]).Select(In)];

    private uint In(byte index)
    {
        cmos.Write(0, 1, index);
        return cmos.Read(1, 1);
    }

    private void Out(byte index, byte value)
    {
        cmos.Write(0, 1, index);
        cmos.Write(1, 1, value);
    }
}
