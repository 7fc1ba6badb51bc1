namespace System.Reflection;

/// <summary>Put on types with an indexer by the C# compiler.</summary>
public sealed class DefaultMemberAttribute : Attribute
{
    public DefaultMemberAttribute(string name)
    {
    }
}
