namespace System;

/// <summary>As in the ordinary runtime.</summary>
public static class Math
{
    public static int Min(int a, int b) => a < b ? a : b;

    public static uint Min(uint a, uint b) => a < b ? a : b;

    public static long Min(long a, long b) => a < b ? a : b;

    public static ulong Min(ulong a, ulong b) => a < b ? a : b;

    public static int Max(int a, int b) => a > b ? a : b;

    public static uint Max(uint a, uint b) => a > b ? a : b;

    public static long Max(long a, long b) => a > b ? a : b;

    public static ulong Max(ulong a, ulong b) => a > b ? a : b;

    /// <summary>The 128-bit product, made of four products of halves.</summary>
    public static ulong BigMul(ulong a, ulong b, out ulong low)
    {
        ulong aLow = (uint)a, aHigh = a >> 32, bLow = (uint)b, bHigh = b >> 32;
        ulong lowest = aLow * bLow;
        ulong middle = (aHigh * bLow) + (lowest >> 32);
        ulong other = (aLow * bHigh) + (uint)middle;
        low = (other << 32) | (uint)lowest;
        return (aHigh * bHigh) + (middle >> 32) + (other >> 32);
    }
}
