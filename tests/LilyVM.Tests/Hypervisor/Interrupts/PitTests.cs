using CsCheck;
using LilyVM.Hypervisor.Interrupts;

namespace LilyVM.Tests.Hypervisor.Interrupts;

/// <summary>The timer against the 8254 data sheet. Times are in ticks of its clock, converted where the timer wants ns.</summary>
public class PitTests
{
    private const ulong Epoch = 7_000_000_000; // ns; a whole number of seconds, so that ticks count from there
    private const ulong EpochTicks = 7 * PitTime.Frequency;

    [Fact]
    public void Conversion_to_ticks_and_back_is_exact()
    {
        Assert.Equal(PitTime.Frequency, PitTime.Ticks(1_000_000_000));
        Gen.ULong[0, 1UL << 42].Sample(ticks => Assert.Equal(ticks, PitTime.Ticks(PitTime.Nanoseconds(ticks))));
        Gen.ULong[1, 1UL << 42].Sample(ticks => Assert.Equal(ticks - 1, PitTime.Ticks(PitTime.Nanoseconds(ticks) - 1)));
    }

    [Theory]
    [InlineData(0x30u, 1000ul)] // mode 0: with the count
    [InlineData(0x38u, 1001ul)] // mode 4: behind the strobe
    public void A_single_shot_rises_once(uint control, ulong ticks)
    {
        Pit pit = Started();
        Program(ref pit, control, 1000, 0);
        Assert.Equal(At(ticks), pit.NextDeadline);
        Assert.Equal(0u, pit.Advance(At(ticks - 1)));
        Assert.Equal(1u, pit.Advance(At(ticks)));
        Assert.Equal(ulong.MaxValue, pit.NextDeadline);
        Assert.Equal(0u, pit.Advance(At(200_000)));
    }

    [Theory]
    [InlineData(0x34u)]
    [InlineData(0x36u)]
    public void Periodic_modes_rise_once_a_period(uint control)
    {
        Pit pit = Started();
        Program(ref pit, control, 11932, 0);
        for (ulong period = 1; period < 20; period++)
        {
            Assert.Equal(At(period * 11932), pit.NextDeadline);
            Assert.Equal(0u, pit.Advance(At(period * 11932 - 1)));
            Assert.Equal(1u, pit.Advance(At(period * 11932)));
        }
        Assert.Equal(5u, pit.Advance(At(24 * 11932 + 5)));
    }

    [Fact]
    public void A_count_of_zero_is_the_largest()
    {
        Pit pit = Started();
        Program(ref pit, 0x34, 0, 0);
        Assert.Equal(At(0x1_0000), pit.NextDeadline);
    }

    [Fact]
    public void A_new_count_in_a_periodic_mode_waits_for_the_end_of_the_period()
    {
        Pit pit = Started();
        Program(ref pit, 0x34, 1000, 0);
        pit.Write(0x40, 500 & 0xFF, At(300));
        pit.Write(0x40, 500 >> 8, At(300));
        Assert.Equal(At(1000), pit.NextDeadline);
        Assert.Equal(2u, pit.Advance(At(1500)));
        Assert.Equal(At(2000), pit.NextDeadline);
    }

    [Theory]
    [InlineData(0x30u, 10, 990u)]
    [InlineData(0x30u, 1001, 0xFFFFu)]
    [InlineData(0x34u, 10, 990u)]
    [InlineData(0x34u, 1000, 1000u)]
    [InlineData(0x36u, 10, 980u)]
    [InlineData(0x36u, 510, 980u)]
    public void A_latched_count_stays_until_it_is_read(uint control, ulong ticks, uint count)
    {
        Pit pit = Started();
        Program(ref pit, control, 1000, 0);
        pit.Write(0x43, 0, At(ticks));
        pit.Write(0x43, 0, At(ticks + 3)); // ignored: a latched count is there
        uint low = Read(ref pit, 0x40, ticks + 50);
        Assert.Equal(count, low | Read(ref pit, 0x40, ticks + 60) << 8);
    }

    [Fact]
    public void Read_back_latches_status_before_the_count()
    {
        Pit pit = Started();
        pit.Write(0x43, 0x34, Epoch);
        pit.Write(0x43, 0xE2, Epoch);
        Assert.Equal(0xF4u, Read(ref pit, 0x40, 0)); // output high, no count yet
        Program(ref pit, 0x30, 1000, 0);
        pit.Write(0x43, 0xC2, At(100));
        Assert.Equal(0x30u, Read(ref pit, 0x40, 200));
        Assert.Equal(900u & 0xFF, Read(ref pit, 0x40, 200));
        Assert.Equal(900u >> 8, Read(ref pit, 0x40, 200));
        pit.Write(0x43, 0xE2, At(1000));
        Assert.Equal(0xB0u, Read(ref pit, 0x40, 1000));
    }

    [Fact]
    public void Decimal_counts_count_in_decimal()
    {
        Pit pit = Started();
        Program(ref pit, 0x31, 0x1234, 0);
        Assert.Equal(At(1234), pit.NextDeadline);
        pit.Write(0x43, 0, At(34));
        Assert.Equal(0x1200u, Read(ref pit, 0x40, 40) | Read(ref pit, 0x40, 40) << 8);
    }

    [Theory]
    [InlineData(0x10u, 0x12u, 0x12u)]
    [InlineData(0x20u, 0x12u, 0x1200u)]
    public void Single_byte_access_leaves_the_other_byte_zero(uint control, uint written, uint count)
    {
        Pit pit = Started();
        pit.Write(0x43, control, Epoch);
        pit.Write(0x40, written, Epoch);
        Assert.Equal(At(count), pit.NextDeadline);
    }

    [Fact]
    public void Channel_2_counts_while_its_gate_is_high_and_shows_its_output()
    {
        // How Linux calibrates the TSC: gate up, mode 0, poll bit 5 of port 0x61.
        Pit pit = Started();
        Assert.Equal(0u, Read(ref pit, 0x61, 0) & 0x23);
        pit.Write(0x61, 0x01, Epoch);
        Program(ref pit, 0xB0, 1000, 0);
        Assert.Equal(0x01u, Read(ref pit, 0x61, 999) & 0x23);
        Assert.Equal(0x21u, Read(ref pit, 0x61, 1000) & 0x23);
    }

    [Fact]
    public void A_low_gate_holds_mode_0_and_a_rising_one_goes_on()
    {
        Pit pit = Started();
        pit.Write(0x61, 1, Epoch);
        Program(ref pit, 0xB0, 100, 0);
        pit.Write(0x61, 0, At(40));
        Assert.Equal(0u, Read(ref pit, 0x61, 500) & 0x20);
        pit.Write(0x61, 1, At(500));
        AssertRises(ref pit, 560);
    }

    [Fact]
    public void A_rising_gate_triggers_mode_1()
    {
        Pit pit = Started();
        Program(ref pit, 0xB2, 100, 0);
        Assert.Equal(0x20u, Read(ref pit, 0x61, 300) & 0x20);
        pit.Write(0x61, 1, At(300));
        AssertRises(ref pit, 400);
    }

    [Fact]
    public void A_timer_without_count_has_no_deadline()
    {
        Pit pit = Started();
        Assert.Equal(ulong.MaxValue, pit.NextDeadline);
        pit.Write(0x43, 0x34, Epoch);
        pit.Write(0x40, 0x10, Epoch);
        Assert.Equal(ulong.MaxValue, pit.NextDeadline);
        Assert.Equal(0u, pit.Advance(At(100_000)));
    }

    [Fact]
    public void Edges_do_not_depend_on_how_often_one_looks()
    {
        Gen.Select(Gen.UInt[1, 2000], Gen.ULong[1, 700].Array[1, 60]).Sample((reload, steps) =>
        {
            Pit pit = Started();
            Program(ref pit, 0x34, reload, 0);
            ulong now = 0, edges = 0;
            foreach (ulong step in steps)
                edges += pit.Advance(At(now += step));
            Assert.Equal(now / reload, edges);
        });
    }

    private static ulong At(ulong ticks) => PitTime.Nanoseconds(EpochTicks + ticks);

    private static Pit Started()
    {
        Pit pit = default;
        pit.Reset();
        return pit;
    }

    // The control word names the channel in its highest bits.
    private static void Program(ref Pit pit, uint control, uint count, ulong ticks)
    {
        uint channel = 0x40 + (control >> 6);
        pit.Write(0x43, control, At(ticks));
        pit.Write(channel, count & 0xFF, At(ticks));
        pit.Write(channel, count >> 8 & 0xFF, At(ticks));
    }

    // The output of channel 2.
    private static void AssertRises(ref Pit pit, ulong ticks)
    {
        Assert.Equal(0u, Read(ref pit, 0x61, ticks - 1) & 0x20);
        Assert.Equal(0x20u, Read(ref pit, 0x61, ticks) & 0x20);
    }

    private static unsafe uint Read(ref Pit pit, uint port, ulong ticks)
    {
        uint value;
        Assert.True(pit.Read(port, At(ticks), &value));
        return value;
    }
}
