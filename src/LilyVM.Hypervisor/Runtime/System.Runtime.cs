namespace System.Runtime;

/// <summary>The method is a function of this name for assembly, with the System V calling convention.</summary>
public sealed class RuntimeExportAttribute : Attribute
{
    public RuntimeExportAttribute(string name)
    {
    }
}

/// <summary>The method is this function of native/entry, reached by a plain call; to be declared <c>extern</c> and InternalCall.</summary>
public sealed class RuntimeImportAttribute : Attribute
{
    public RuntimeImportAttribute(string library, string name)
    {
    }
}

/// <summary>Casts, which the native compiler looks up; there are no objects to cast.</summary>
internal static unsafe class TypeCast
{
    private static object CheckCastAny(void* type, object value) => value;

    private static object CheckCastInterface(void* type, object value) => value;

    private static object CheckCastClass(void* type, object value) => value;

    private static object CheckCastClassSpecial(void* type, object value) => value;

    private static object IsInstanceOfAny(void* type, object value) => value;

    private static object IsInstanceOfInterface(void* type, object value) => value;

    private static object IsInstanceOfClass(void* type, object value) => value;

    private static bool IsInstanceOfException(void* type, object value) => false;

    private static void StelemRef(object[] array, nint index, object value)
    {
    }

    private static ref object LdelemaRef(object[] array, nint index, nint type) => ref CompilerServices.Unsafe.AsRef<object>(null);
}
