namespace LilyVM.Hypervisor;

/// <summary>
/// Turns ticks of the time stamp counter into nanoseconds by multiplications of 64 bits, for counters of 250 MHz and more.
/// </summary>
internal static class TscScale
{
    private const int Shift = 30;
    private const ulong Low = (1ul << Shift) - 1;

    /// <summary>What ticks are multiplied by; below 2^32, so that no product overflows.</summary>
    /// <param name="frequency">Ticks a second.</param>
    public static ulong Multiplier(ulong frequency) => (1_000_000_000ul << Shift) / frequency;

    /// <summary>Nanoseconds of so many ticks.</summary>
    public static ulong ToNanoseconds(ulong ticks, ulong multiplier) =>
        ((ticks >> Shift) * multiplier) + (((ticks & Low) * multiplier) >> Shift);
}
