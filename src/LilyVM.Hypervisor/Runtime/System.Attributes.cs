namespace System;

public class Attribute;

public enum AttributeTargets
{
    All = 0x7FFF,
}

public sealed class AttributeUsageAttribute : Attribute
{
    public AttributeUsageAttribute(AttributeTargets targets)
    {
    }

    public bool AllowMultiple { get; set; }

    public bool Inherited { get; set; }
}

public sealed class FlagsAttribute : Attribute;

public sealed class ParamArrayAttribute : Attribute;
