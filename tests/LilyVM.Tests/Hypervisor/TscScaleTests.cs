using LilyVM.Hypervisor;

namespace LilyVM.Tests.Hypervisor;

public class TscScaleTests
{
    [Theory]
    [InlineData(250_000_001)]
    [InlineData(999_999_000)] // what a counter of 1 GHz may be measured as
    [InlineData(1_000_000_000)]
    [InlineData(1_000_001_000)]
    [InlineData(2_700_000_000)]
    [InlineData(6_000_000_000)]
    public void Ticks_are_nanoseconds_whatever_the_frequency(ulong frequency)
    {
        ulong multiplier = TscScale.Multiplier(frequency);
        foreach (ulong seconds in (ulong[])[0, 1, 4, 5, 86_400, 86_400 * 365])
        {
            ulong ticks = (seconds * frequency) + (frequency / 3), exact = (ulong)((UInt128)ticks * 1_000_000_000 / frequency);
            ulong told = TscScale.ToNanoseconds(ticks, multiplier);
            Assert.InRange(told, exact - (exact / 50_000_000) - 1, exact); // 20 in a thousand million, as the multiplier is rounded
        }
    }
}
