using System.Runtime.CompilerServices;
using Internal.Runtime.CompilerHelpers;

namespace System;

/// <summary>Constants, or memory, that is only read.</summary>
public readonly ref struct ReadOnlySpan<T>
{
    private readonly ref T first;
    private readonly int length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe ReadOnlySpan(void* pointer, int length)
    {
        first = ref Unsafe.AsRef<T>(pointer);
        this.length = length;
    }

    // The C# compiler names these two for lists of constants, and then puts the constants into the image instead.
    public unsafe ReadOnlySpan(T[] array)
        : this(null, 0) => Panic.Stop(PanicCode.BodyRemoved);

    public unsafe ReadOnlySpan(T[] array, int start, int length)
        : this(null, 0) => Panic.Stop(PanicCode.BodyRemoved);

    public int Length
    {
        [Intrinsic, MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => length;
    }

    public ref readonly T this[int index]
    {
        [Intrinsic, MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)index >= (uint)length)
                Panic.Stop(PanicCode.IndexOutOfRange);
            return ref Unsafe.Add(ref first, (nint)(uint)index);
        }
    }

    public ref readonly T GetPinnableReference() => ref first;
}

/// <summary>Memory that is read and written.</summary>
public readonly ref struct Span<T>
{
    private readonly ref T first;
    private readonly int length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe Span(void* pointer, int length)
    {
        first = ref Unsafe.AsRef<T>(pointer);
        this.length = length;
    }

    public int Length
    {
        [Intrinsic, MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => length;
    }

    public ref T this[int index]
    {
        [Intrinsic, MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)index >= (uint)length)
                Panic.Stop(PanicCode.IndexOutOfRange);
            return ref Unsafe.Add(ref first, (nint)(uint)index);
        }
    }

    public ref T GetPinnableReference() => ref first;
}
