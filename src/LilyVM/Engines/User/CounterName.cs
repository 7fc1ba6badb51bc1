using System.Text;

namespace LilyVM.Engines.User;

/// <summary>Makes names for people from identifiers.</summary>
internal static class CounterName
{
    /// <summary><c>PageFaultSignals</c> becomes <c>page-fault-signals</c>.</summary>
    internal static string Of(string identifier)
    {
        var text = new StringBuilder();
        foreach (char c in identifier)
        {
            if (char.IsUpper(c) && text.Length > 0)
                text.Append('-');
            text.Append(char.ToLowerInvariant(c));
        }
        return text.ToString();
    }
}
