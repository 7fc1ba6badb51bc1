namespace System.Runtime.InteropServices;

public enum LayoutKind
{
    Sequential = 0,
    Explicit = 2,
    Auto = 3,
}

public enum CharSet
{
    None = 1,
    Ansi = 2,
    Unicode = 3,
    Auto = 4,
}

/// <summary>How a struct is laid out.</summary>
public sealed class StructLayoutAttribute : Attribute
{
    public int Pack, Size;
    public CharSet CharSet;

    public StructLayoutAttribute(LayoutKind kind)
    {
    }
}

/// <summary>Where a field of an explicit layout lies, in bytes.</summary>
public sealed class FieldOffsetAttribute : Attribute
{
    public FieldOffsetAttribute(int offset)
    {
    }
}

public sealed class InAttribute : Attribute;

public sealed class OutAttribute : Attribute;

/// <summary>Looked up by the native compiler.</summary>
public interface IDynamicInterfaceCastable
{
    nint GetDynamicInterfaceImplementation(nint type, bool wanted);
}
