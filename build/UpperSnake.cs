using System.Text;

namespace LilyVM.Build;

/// <summary>The names of C# as headers of assembly have them.</summary>
internal static class UpperSnake
{
    /// <summary><c>ImageHeader</c> is <c>IMAGE_HEADER</c>.</summary>
    internal static string Of(string name)
    {
        var text = new StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && !char.IsUpper(name[i - 1]))
                text.Append('_');
            text.Append(char.ToUpperInvariant(name[i]));
        }
        return text.ToString();
    }
}
