using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Internal.Runtime.CompilerHelpers;

/// <summary>What went wrong in the hypervisor itself.</summary>
internal enum PanicCode
{
    Overflow = 1,
    IndexOutOfRange,
    NullReference,
    DivideByZero,
    Argument,
    NotSupported,
    TypeMismatch,
    BodyRemoved,
    InvalidProgram,
}

/// <summary>The end of a hypervisor that found itself wrong.</summary>
internal static class Panic
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Stop(PanicCode code) => StopHere((int)code);

    [RuntimeImport("*", "lily_panic"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void StopHere(int code);
}

/// <summary>Where checks end that the native compiler puts in.</summary>
internal static class ThrowHelpers
{
    private static void ThrowOverflowException() => Panic.Stop(PanicCode.Overflow);

    private static void ThrowIndexOutOfRangeException() => Panic.Stop(PanicCode.IndexOutOfRange);

    private static void ThrowNullReferenceException() => Panic.Stop(PanicCode.NullReference);

    private static void ThrowDivideByZeroException() => Panic.Stop(PanicCode.DivideByZero);

    private static void ThrowArgumentException() => Panic.Stop(PanicCode.Argument);

    private static void ThrowArgumentOutOfRangeException() => Panic.Stop(PanicCode.Argument);

    private static void ThrowPlatformNotSupportedException() => Panic.Stop(PanicCode.NotSupported);

    private static void ThrowNotImplementedException() => Panic.Stop(PanicCode.NotSupported);

    private static void ThrowArrayTypeMismatchException() => Panic.Stop(PanicCode.TypeMismatch);

    private static void ThrowBodyRemoved() => Panic.Stop(PanicCode.BodyRemoved);

    private static void ThrowInstanceBodyRemoved() => Panic.Stop(PanicCode.BodyRemoved);

    private static void ThrowFeatureBodyRemoved() => Panic.Stop(PanicCode.BodyRemoved);

    private static void ThrowUnavailableType() => Panic.Stop(PanicCode.InvalidProgram);

    private static void ThrowInvalidProgramException() => Panic.Stop(PanicCode.InvalidProgram);
}

/// <summary>Looked up for lists of constants that are wider than a byte, and not called.</summary>
internal static class LdTokenHelpers
{
    private static RuntimeTypeHandle GetRuntimeTypeHandle(nint pointer) => default;

    private static Type? GetRuntimeType(nint pointer) => null;

    private static RuntimeMethodHandle GetRuntimeMethodHandle(nint pointer) => default;

    private static RuntimeFieldHandle GetRuntimeFieldHandle(nint pointer) => default;
}
