using System.Runtime.CompilerServices;

namespace System.Threading;

// Methods marked Intrinsic that call themselves have no body: the native compiler expands every call.

/// <summary>Loads that nothing later passes, stores that nothing earlier passes, and which all happen.</summary>
public static class Volatile
{
    [Intrinsic]
    public static byte Read(ref readonly byte location) => Read(in location);

    [Intrinsic]
    public static ushort Read(ref readonly ushort location) => Read(in location);

    [Intrinsic]
    public static int Read(ref readonly int location) => Read(in location);

    [Intrinsic]
    public static uint Read(ref readonly uint location) => Read(in location);

    [Intrinsic]
    public static long Read(ref readonly long location) => Read(in location);

    [Intrinsic]
    public static ulong Read(ref readonly ulong location) => Read(in location);

    [Intrinsic]
    public static void Write(ref byte location, byte value) => Write(ref location, value);

    [Intrinsic]
    public static void Write(ref ushort location, ushort value) => Write(ref location, value);

    [Intrinsic]
    public static void Write(ref int location, int value) => Write(ref location, value);

    [Intrinsic]
    public static void Write(ref uint location, uint value) => Write(ref location, value);

    [Intrinsic]
    public static void Write(ref long location, long value) => Write(ref location, value);

    [Intrinsic]
    public static void Write(ref ulong location, ulong value) => Write(ref location, value);
}

/// <summary>Locked instructions. Or and And return what was there before, all else as in the ordinary runtime.</summary>
public static class Interlocked
{
    [Intrinsic]
    public static void MemoryBarrier() => MemoryBarrier();

    [Intrinsic]
    public static int CompareExchange(ref int location, int value, int comparand) => CompareExchange(ref location, value, comparand);

    [Intrinsic]
    public static long CompareExchange(ref long location, long value, long comparand) => CompareExchange(ref location, value, comparand);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CompareExchange(ref uint location, uint value, uint comparand) =>
        (uint)CompareExchange(ref Signed(ref location), (int)value, (int)comparand);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CompareExchange(ref ulong location, ulong value, ulong comparand) =>
        (ulong)CompareExchange(ref Signed(ref location), (long)value, (long)comparand);

    [Intrinsic]
    public static int Exchange(ref int location, int value) => Exchange(ref location, value);

    [Intrinsic]
    public static long Exchange(ref long location, long value) => Exchange(ref location, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Exchange(ref uint location, uint value) => (uint)Exchange(ref Signed(ref location), (int)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Exchange(ref ulong location, ulong value) => (ulong)Exchange(ref Signed(ref location), (long)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Add(ref int location, int value) => ExchangeAdd(ref location, value) + value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Add(ref long location, long value) => ExchangeAdd(ref location, value) + value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Add(ref uint location, uint value) => (uint)Add(ref Signed(ref location), (int)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Add(ref ulong location, ulong value) => (ulong)Add(ref Signed(ref location), (long)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Increment(ref int location) => Add(ref location, 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Increment(ref long location) => Add(ref location, 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Increment(ref uint location) => Add(ref location, 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Increment(ref ulong location) => Add(ref location, 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Decrement(ref int location) => Add(ref location, -1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Decrement(ref long location) => Add(ref location, -1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Decrement(ref uint location) => (uint)Add(ref Signed(ref location), -1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Decrement(ref ulong location) => (ulong)Add(ref Signed(ref location), -1);

    public static long Or(ref long location, long value)
    {
        for (long seen = Volatile.Read(ref location); ;)
        {
            long before = CompareExchange(ref location, seen | value, seen);
            if (before == seen)
                return before;
            seen = before;
        }
    }

    public static int Or(ref int location, int value)
    {
        for (int seen = Volatile.Read(ref location); ;)
        {
            int before = CompareExchange(ref location, seen | value, seen);
            if (before == seen)
                return before;
            seen = before;
        }
    }

    public static uint Or(ref uint location, uint value) => (uint)Or(ref Signed(ref location), (int)value);

    public static ulong Or(ref ulong location, ulong value) => (ulong)Or(ref Signed(ref location), (long)value);

    public static long And(ref long location, long value)
    {
        for (long seen = Volatile.Read(ref location); ;)
        {
            long before = CompareExchange(ref location, seen & value, seen);
            if (before == seen)
                return before;
            seen = before;
        }
    }

    public static int And(ref int location, int value)
    {
        for (int seen = Volatile.Read(ref location); ;)
        {
            int before = CompareExchange(ref location, seen & value, seen);
            if (before == seen)
                return before;
            seen = before;
        }
    }

    public static uint And(ref uint location, uint value) => (uint)And(ref Signed(ref location), (int)value);

    public static ulong And(ref ulong location, ulong value) => (ulong)And(ref Signed(ref location), (long)value);

    [Intrinsic]
    private static int ExchangeAdd(ref int location, int value) => ExchangeAdd(ref location, value);

    [Intrinsic]
    private static long ExchangeAdd(ref long location, long value) => ExchangeAdd(ref location, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref int Signed(ref uint location) => ref Unsafe.As<uint, int>(ref location);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref long Signed(ref ulong location) => ref Unsafe.As<ulong, long>(ref location);
}
