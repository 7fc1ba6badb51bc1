using System.Runtime.CompilerServices;

namespace System.Numerics;

/// <summary>Bits of words. The bodies serve calls that the native compiler does not expand.</summary>
public static class BitOperations
{
    [Intrinsic]
    public static int PopCount(uint value) => PopCount((ulong)value);

    [Intrinsic]
    public static int PopCount(ulong value)
    {
        const ulong Pairs = 0x5555_5555_5555_5555, Nibbles = 0x3333_3333_3333_3333, Bytes = 0x0F0F_0F0F_0F0F_0F0F,
            Ones = 0x0101_0101_0101_0101;
        value -= (value >> 1) & Pairs;
        value = (value & Nibbles) + ((value >> 2) & Nibbles);
        return (int)((((value + (value >> 4)) & Bytes) * Ones) >> 56);
    }

    [Intrinsic]
    public static int TrailingZeroCount(int value) => TrailingZeroCount((uint)value);

    [Intrinsic]
    public static int TrailingZeroCount(uint value) => PopCount(~value & (value - 1));

    [Intrinsic]
    public static int TrailingZeroCount(long value) => TrailingZeroCount((ulong)value);

    [Intrinsic]
    public static int TrailingZeroCount(ulong value) => PopCount(~value & (value - 1));

    [Intrinsic]
    public static int LeadingZeroCount(uint value) => LeadingZeroCount((ulong)value) - 32;

    [Intrinsic]
    public static int LeadingZeroCount(ulong value)
    {
        for (int shift = 1; shift < 64; shift <<= 1)
            value |= value >> shift;
        return 64 - PopCount(value);
    }

    public static int Log2(uint value) => 31 - LeadingZeroCount(value | 1);

    public static int Log2(ulong value) => 63 - LeadingZeroCount(value | 1);

    public static bool IsPow2(uint value) => (value & (value - 1)) == 0 && value != 0;

    public static bool IsPow2(ulong value) => (value & (value - 1)) == 0 && value != 0;

    [Intrinsic]
    public static uint RotateLeft(uint value, int count) => (value << count) | (value >> (32 - count));

    [Intrinsic]
    public static ulong RotateLeft(ulong value, int count) => (value << count) | (value >> (64 - count));

    [Intrinsic]
    public static uint RotateRight(uint value, int count) => (value >> count) | (value << (32 - count));

    [Intrinsic]
    public static ulong RotateRight(ulong value, int count) => (value >> count) | (value << (64 - count));
}
