using System.Runtime.InteropServices;

namespace System.Runtime.CompilerServices;

/// <summary>Language features that need a runtime's consent.</summary>
public static class RuntimeFeature
{
    public const string ByRefFields = nameof(ByRefFields);
    public const string NumericIntPtr = nameof(NumericIntPtr);
    public const string UnmanagedSignatureCallingConvention = nameof(UnmanagedSignatureCallingConvention);
}

/// <summary>Expanded by the compilers.</summary>
public static class RuntimeHelpers
{
    [Intrinsic]
    public static ReadOnlySpan<T> CreateSpan<T>(RuntimeFieldHandle field) => CreateSpan<T>(field);

    [Intrinsic]
    public static void InitializeArray(Array array, RuntimeFieldHandle field) => InitializeArray(array, field);
}

/// <summary>As in the ordinary runtime; expanded by the native compiler.</summary>
public static unsafe class Unsafe
{
    [Intrinsic]
    public static ref T Add<T>(ref T source, int offset) => ref Add(ref source, offset);

    [Intrinsic]
    public static ref T Add<T>(ref T source, nint offset) => ref Add(ref source, offset);

    [Intrinsic]
    public static ref TTo As<TFrom, TTo>(ref TFrom source) => ref As<TFrom, TTo>(ref source);

    [Intrinsic]
    public static void* AsPointer<T>(ref readonly T value) => AsPointer(in value);

    [Intrinsic]
    public static ref T AsRef<T>(void* source) => ref AsRef<T>(source);

    [Intrinsic]
    public static ref T AsRef<T>(scoped ref readonly T source) => ref AsRef(in source);

    [Intrinsic]
    public static int SizeOf<T>() => SizeOf<T>();
}

/// <summary>Has to exist for static constructors, which the build refuses.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StaticClassConstructionContext
{
    private readonly nint method;
}

[Flags]
public enum MethodImplOptions
{
    NoInlining = 8,
    NoOptimization = 64,
    AggressiveInlining = 256,
    InternalCall = 4096,
}

/// <summary>Modifier of volatile fields.</summary>
public sealed class IsVolatile;

public sealed class MethodImplAttribute : Attribute
{
    public MethodImplAttribute(MethodImplOptions options)
    {
    }
}

/// <summary>The native compiler knows the method and may expand it.</summary>
public sealed class IntrinsicAttribute : Attribute;

public sealed class SkipLocalsInitAttribute : Attribute;

public sealed class CompilerGeneratedAttribute : Attribute;

public sealed class UnsafeValueTypeAttribute : Attribute;

public sealed class FixedBufferAttribute : Attribute
{
    public FixedBufferAttribute(Type element, int count)
    {
    }
}

public sealed class InlineArrayAttribute : Attribute
{
    public InlineArrayAttribute(int count)
    {
    }
}

public sealed class TupleElementNamesAttribute : Attribute
{
    public TupleElementNamesAttribute(string?[] names)
    {
    }
}

public sealed class CompilationRelaxationsAttribute : Attribute
{
    public CompilationRelaxationsAttribute(int relaxations)
    {
    }
}

public sealed class RuntimeCompatibilityAttribute : Attribute
{
    public bool WrapNonExceptionThrows { get; set; }
}
