namespace LilyVM.Hypervisor.Interrupts;

/// <summary>Conversion between nanoseconds and ticks of the timer's clock, exact to the tick, in 64-bit integers.</summary>
internal static class PitTime
{
    /// <summary>Ticks per second: the NTSC colour clock divided by 3, as every PC has it.</summary>
    public const uint Frequency = 1_193_182;

    private const uint NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Whole ticks that have passed at a time in ns.</summary>
    public static ulong Ticks(ulong nanoseconds) =>
        nanoseconds / NanosecondsPerSecond * Frequency + nanoseconds % NanosecondsPerSecond * Frequency / NanosecondsPerSecond;

    /// <summary>The first time in ns at which that many ticks have passed.</summary>
    public static ulong Nanoseconds(ulong ticks) =>
        ticks / Frequency * NanosecondsPerSecond + (ticks % Frequency * NanosecondsPerSecond + Frequency - 1) / Frequency;
}
