using LilyVM.Devices;

namespace LilyVM.Tests.Devices;

public sealed class CmosTests : IDisposable
{
    private const byte Binary24 = 6, Bcd12 = 0, Binary12 = 4, Set = 0x80, UpdateInProgress = 0x80;

    private readonly TestTime time = new(new DateTimeOffset(2031, 12, 28, 23, 59, 48, TimeSpan.Zero)); // a Sunday
    private readonly Cmos cmos;

    public CmosTests() => cmos = new Cmos(time);

    public void Dispose() => cmos.Dispose();

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
        cmos.Out(0xB, Binary24);
        Assert.Equal([48u, 59u, 23u, 1u, 28u, 12u, 31u, 20u], Clock());
    }

    [Theory]
    [InlineData(0, 0x12u, 12u)]
    [InlineData(1, 0x01u, 1u)]
    [InlineData(11, 0x11u, 11u)]
    [InlineData(12, 0x92u, 0x8Cu)]
    [InlineData(13, 0x81u, 0x81u)]
    [InlineData(22, 0x90u, 0x8Au)]
    [InlineData(23, 0x91u, 0x8Bu)]
    public void Tells_and_takes_hours_of_half_a_day(int hour, uint bcd, uint binary)
    {
        time.Now = new DateTimeOffset(2031, 12, 28, hour, 0, 0, TimeSpan.Zero);
        cmos.Out(0xB, Bcd12);
        Assert.Equal((0u, bcd), (cmos.In(0xB), cmos.In(4)));
        cmos.Out(0xB, Binary12);
        Assert.Equal(binary, cmos.In(4));
        cmos.Out(4, 5);
        Assert.Equal(5u, cmos.In(4));
        cmos.Out(0xB, Set | Binary12);
        cmos.Out(4, (byte)binary);
        cmos.Out(0xB, Binary12);
        cmos.Out(0xB, 2);
        Assert.Equal(time.Now.Hour, (int)(cmos.In(4) / 16 * 10 + cmos.In(4) % 16));
    }

    [Theory]
    [InlineData(0x13)]
    [InlineData(0x00)]
    [InlineData(0x80)]
    [InlineData(0x93)]
    public void An_hour_that_half_a_day_has_not_stays_until_the_hours_count_on(byte hour)
    {
        cmos.Out(0xB, Bcd12);
        cmos.Out(4, hour);
        Assert.Equal(hour, cmos.In(4));
        time.Now += TimeSpan.FromSeconds(12); // the next hour begins
        Assert.Equal([0x00u, 0x00u, 0x12u, 2u, 0x29u], Clock()[..5]);
    }

    [Fact]
    public void Other_forms_of_the_numbers_leave_the_time_as_it_is()
    {
        foreach (byte form in (byte[])[Binary12, Bcd12, Binary24, 2])
            cmos.Out(0xB, form);
        cmos.Out(0xB, Set | 2);
        foreach (byte form in (byte[])[Set | Binary12, Set | Bcd12, Set | Binary24, 2])
            cmos.Out(0xB, form);
        Assert.Equal([0x48u, 0x59u, 0x23u, 1u, 0x28u, 0x12u, 0x31u, 0x20u], Clock());
    }

    // "The mode bit and the hours bit come first, then the time": what was written is bytes, whatever the form was.
    [Fact]
    public void What_is_written_into_a_stopped_clock_is_in_the_form_with_which_it_starts()
    {
        cmos.Out(0xB, Set | 2);
        cmos.Out(4, 0x15);
        cmos.Out(0xB, Binary24);
        Assert.Equal([48u, 59u, 0x15u, 1u, 28u], Clock()[..5]);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(500_000, false)]
    [InlineData(997_771, false)]
    [InlineData(997_772, true)]
    [InlineData(999_999, true)]
    [InlineData(1_000_000, false)]
    public void An_update_is_in_progress_at_the_end_of_each_second(int microseconds, bool expected)
    {
        time.Now += TimeSpan.FromMicroseconds(microseconds);
        Assert.Equal(expected ? UpdateInProgress | 0x26u : 0x26u, cmos.In(0xA));
        Assert.Equal(microseconds < 1_000_000 ? 0x48u : 0x49u, cmos.In(0)); // until it has ended, the time is the old one
    }

    [Fact]
    public void No_update_is_in_progress_while_the_clock_is_stopped()
    {
        time.Now += TimeSpan.FromMicroseconds(999_000);
        cmos.Out(0xB, Set | 2);
        Assert.Equal(0x26u, cmos.In(0xA));
        cmos.Out(0xB, 2);
        Assert.Equal(UpdateInProgress | 0x26u, cmos.In(0xA));
        cmos.Out(0xA, 0x76);
        Assert.Equal(0x76u, cmos.In(0xA));
    }

    [Fact]
    public void UIP_is_read_only_and_so_are_C_and_D()
    {
        cmos.Out(0xA, 0xA6);
        cmos.Out(0xC, 0xFF);
        cmos.Out(0xD, 0);
        Assert.Equal((0x26u, 0u, 0x80u), (cmos.In(0xA), cmos.In(0xC), cmos.In(0xD)));
    }

    [Fact]
    public void A_reset_of_the_divider_stops_the_clock_and_its_end_starts_half_a_second()
    {
        cmos.Out(0xA, 0x66);
        time.Now += TimeSpan.FromHours(1);
        Assert.Equal(0x48u, cmos.In(0));
        cmos.Out(0xA, 0x26);
        time.Now += TimeSpan.FromMilliseconds(499);
        Assert.Equal(0x48u, cmos.In(0));
        time.Now += TimeSpan.FromMilliseconds(1);
        Assert.Equal([0x49u, 0x59u, 0x23u], Clock()[..3]);
    }

    // mc146818_set_time of Linux's drivers/rtc/rtc-mc146818-lib.c.
    [Fact]
    public void Linux_sets_it_half_a_second_before_the_next_second()
    {
        cmos.Out(0xB, Set | 2);
        cmos.Out(0xA, 0x76);
        foreach ((byte index, byte value) in ((byte, byte)[])[(9, 0x28), (8, 0x02), (7, 0x29), (4, 0x05), (2, 0x20), (0, 0x10)])
            cmos.Out(index, value);
        cmos.Out(0xB, 2);
        time.Now += TimeSpan.FromSeconds(3);
        Assert.Equal(0x10u, cmos.In(0)); // the divider still stands
        cmos.Out(0xA, 0x26);
        time.Now += TimeSpan.FromMilliseconds(499);
        Assert.Equal([0x10u, 0x20u, 0x05u, 3u, 0x29u, 0x02u, 0x28u, 0x20u], Clock());
        time.Now += TimeSpan.FromMilliseconds(1);
        Assert.Equal(0x11u, cmos.In(0));
    }

    [Fact]
    public void A_stopped_clock_takes_a_new_time_and_goes_on_from_it()
    {
        cmos.Out(0xB, 0x82);
        time.Now += TimeSpan.FromHours(1);
        Assert.Equal(0x48u, cmos.In(0)); // stopped
        foreach ((byte index, byte value) in ((byte, byte)[])[(0, 0x10), (2, 0x20), (4, 0x05), (7, 0x29), (8, 0x02), (9, 0x28),
            (0x32, 0x20)])
            cmos.Out(index, value);
        cmos.Out(0xB, 2);
        time.Now += TimeSpan.FromSeconds(1);
        Assert.Equal([0x11u, 0x20u, 0x05u, 3u, 0x29u, 0x02u, 0x28u, 0x20u], Clock());
    }

    [Fact]
    public void A_running_clock_takes_single_values()
    {
        cmos.Out(4, 0x07);
        time.Now += TimeSpan.FromSeconds(2);
        Assert.Equal([0x50u, 0x59u, 0x07u], Clock()[..3]);
    }

    [Fact]
    public void The_steps_of_the_host_s_clock_are_the_guest_s_too()
    {
        time.Now += TimeSpan.FromDays(365);
        Assert.Equal([0x27u, 0x12u, 0x32u], Clock()[4..7]);
        time.Now -= TimeSpan.FromDays(2 * 365);
        Assert.Equal([0x28u, 0x12u, 0x30u], Clock()[4..7]);
        cmos.Out(4, 0x21); // two hours behind
        time.Now += TimeSpan.FromDays(1);
        Assert.Equal([0x21u, 1u, 0x29u, 0x12u, 0x30u], Clock()[2..7]);
    }

    [Fact]
    public void What_no_date_has_is_kept_and_counts_on_at_its_next_step()
    {
        cmos.Out(8, 0x13);
        cmos.Out(7, 0);
        cmos.Out(2, 0x99);
        cmos.Out(0, 0x6F);
        Assert.Equal([0x6Fu, 0x99u, 0x23u, 1u, 0x00u, 0x13u, 0x31u, 0x20u], Clock());
        time.Now += TimeSpan.FromSeconds(1);
        Assert.Equal([0x00u, 0x00u, 0x00u, 2u, 0x01u, 0x13u, 0x31u, 0x20u], Clock());
        time.Now += TimeSpan.FromDays(31);
        Assert.Equal([0x00u, 0x00u, 0x00u, 5u, 0x01u, 0x01u, 0x32u, 0x20u], Clock());
        time.Now += TimeSpan.FromDays(31); // a date again
        Assert.Equal([0x01u, 0x02u, 0x32u], Clock()[4..7]);
    }

    [Fact]
    public void The_parts_of_a_date_may_come_in_any_order()
    {
        cmos.Out(7, 0x31);
        cmos.Out(8, 0x02); // February 31
        Assert.Equal([0x31u, 0x02u], Clock()[4..6]);
        cmos.Out(8, 0x01);
        time.Now += TimeSpan.FromSeconds(12);
        Assert.Equal([0x00u, 0x00u, 0x00u, 0x01u, 0x02u, 0x31u], [cmos.In(0), cmos.In(2), cmos.In(4), cmos.In(7), cmos.In(8), cmos.In(9)]);
    }

    [Fact]
    public void The_century_counts_and_leap_years_are_those_of_the_calendar()
    {
        foreach ((byte index, byte value) in ((byte, byte)[])[(9, 0x99), (0x32, 0x20)])
            cmos.Out(index, value);
        time.Now += TimeSpan.FromDays(4);
        Assert.Equal([0x01u, 0x01u, 0x00u, 0x21u], Clock()[4..]);
        time.Now += TimeSpan.FromDays(59); // 2100 has no February 29
        Assert.Equal([0x01u, 0x03u, 0x00u, 0x21u], Clock()[4..]);
        foreach ((byte index, byte value) in ((byte, byte)[])[(7, 0x31), (8, 0x12), (9, 0x99), (0x32, 0x99)])
            cmos.Out(index, value);
        time.Now += TimeSpan.FromSeconds(12);
        Assert.Equal([0x01u, 0x01u, 0x00u, 0x00u], Clock()[4..]); // and there is no year 0
        time.Now += TimeSpan.FromDays(366);
        Assert.Equal([0x01u, 0x01u, 0x01u, 0x00u], Clock()[4..]);
    }

    [Fact]
    public void The_guest_s_own_days_of_the_week_count_from_where_it_set_them()
    {
        cmos.Out(6, 7);
        cmos.Out(7, 0x29);
        Assert.Equal(7u, cmos.In(6));
        time.Now += TimeSpan.FromDays(1);
        Assert.Equal(1u, cmos.In(6));
        cmos.Out(6, 0);
        Assert.Equal(0u, cmos.In(6));
        time.Now += TimeSpan.FromDays(1);
        Assert.Equal(1u, cmos.In(6));
    }

    [Fact]
    public void Keeps_other_bytes()
    {
        for (byte i = 0x0E; i < 0x80; i++)
        {
            if (i != 0x32)
                cmos.Out(i, (byte)(i ^ 0x5A));
        }
        Assert.Equal(0x70u ^ 0x5A, cmos.In(0x70));
        Assert.Equal(0x0Eu ^ 0x5A, cmos.In(0x0E | 0x80)); // bit 7 is the NMI mask
        foreach (byte alarm in (byte[])[1, 3, 5])
        {
            cmos.Out(alarm, (byte)(alarm | 0xC0));
            Assert.Equal(alarm | 0xC0u, cmos.In(alarm));
        }
    }

    [Fact]
    public void The_index_cannot_be_read_and_a_wide_write_sets_both()
    {
        cmos.Write(0, 2, 0x7740);
        Assert.Equal(0x77u, cmos.In(0x40));
        Assert.Equal(0x77FFu, cmos.Read(0, 2));
        cmos.Write(2, 1, 0);
        Assert.Equal(0xFFu, cmos.Read(2, 1));
        Assert.Equal(0xFFFF_FF77u, cmos.Read(1, 4));
    }

    private uint[] Clock() => [.. ((byte[])[0, 2, 4, 6, 7, 8, 9, 0x32]).Select(cmos.In)];
}
