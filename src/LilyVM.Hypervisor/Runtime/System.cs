namespace System;

// The types that the C# language and the native compiler know by name, and no more of them than the hypervisor needs. Their values are
// built in: a primitive type has no fields here. Nothing can be allocated, thrown or boxed, so the reference types only have to exist.

/// <summary>Base of everything. The native compiler puts the pointer to an object's type first.</summary>
public unsafe class Object
{
    private readonly void* methodTable;
}

/// <summary>Base of structs.</summary>
public abstract class ValueType;

/// <summary>Base of enumerations.</summary>
public abstract class Enum : ValueType;

/// <summary>No value.</summary>
public struct Void;

/// <summary><c>bool</c>.</summary>
public struct Boolean;

/// <summary><c>char</c>.</summary>
public struct Char
{
    public const char MinValue = '\0', MaxValue = '\uFFFF';
}

/// <summary><c>sbyte</c>.</summary>
public struct SByte
{
    public const sbyte MinValue = -0x80, MaxValue = 0x7F;
}

/// <summary><c>byte</c>.</summary>
public struct Byte
{
    public const byte MinValue = 0, MaxValue = 0xFF;
}

/// <summary><c>short</c>.</summary>
public struct Int16
{
    public const short MinValue = -0x8000, MaxValue = 0x7FFF;
}

/// <summary><c>ushort</c>.</summary>
public struct UInt16
{
    public const ushort MinValue = 0, MaxValue = 0xFFFF;
}

/// <summary><c>int</c>.</summary>
public struct Int32
{
    public const int MinValue = -MaxValue - 1, MaxValue = 0x7FFF_FFFF;
}

/// <summary><c>uint</c>.</summary>
public struct UInt32
{
    public const uint MinValue = 0, MaxValue = 0xFFFF_FFFF;
}

/// <summary><c>long</c>.</summary>
public struct Int64
{
    public const long MinValue = -MaxValue - 1, MaxValue = 0x7FFF_FFFF_FFFF_FFFF;
}

/// <summary><c>ulong</c>.</summary>
public struct UInt64
{
    public const ulong MinValue = 0, MaxValue = 0xFFFF_FFFF_FFFF_FFFF;
}

/// <summary><c>nint</c>.</summary>
public struct IntPtr;

/// <summary><c>nuint</c>.</summary>
public struct UIntPtr;

/// <summary><c>float</c>: not used, and refused by the build.</summary>
public struct Single;

/// <summary><c>double</c>: not used, and refused by the build.</summary>
public struct Double;

/// <summary><c>T?</c> of a struct: not used.</summary>
public struct Nullable<T>
    where T : struct;

/// <summary>Two values returned at once.</summary>
public struct ValueTuple<T1, T2>(T1 item1, T2 item2)
{
    public T1 Item1 = item1;
    public T2 Item2 = item2;
}

/// <summary>Three values returned at once.</summary>
public struct ValueTuple<T1, T2, T3>(T1 item1, T2 item2, T3 item3)
{
    public T1 Item1 = item1;
    public T2 Item2 = item2;
    public T3 Item3 = item3;
}

/// <summary>Only in the arguments of attributes.</summary>
public sealed class String
{
    public readonly int Length;
    private readonly char first;
}

/// <summary>Only on the way from a list in the source to a span of constants.</summary>
public abstract class Array
{
    private readonly int length;
}

/// <summary>What the native compiler derives arrays from.</summary>
public class Array<T> : Array;

public abstract class Delegate;

public abstract class MulticastDelegate : Delegate;

public class Exception;

public abstract class Type;

public struct RuntimeTypeHandle;

public struct RuntimeMethodHandle;

public struct RuntimeFieldHandle;
