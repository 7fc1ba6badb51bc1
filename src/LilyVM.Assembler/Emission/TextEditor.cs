using System.Text;

namespace LilyVM.Assembler.Emission;

/// <summary>
/// Builds the output from the input with some stretches replaced, in order. Lines stay where they are: a replaced stretch keeps its
/// newlines, so that messages and debug information still name the right lines.
/// </summary>
internal sealed class TextEditor(string source)
{
    private readonly StringBuilder output = new(source.Length + source.Length / 16);
    private int copied;

    /// <summary>
    /// Puts <paramref name="text"/> in the place of <c>[start, end)</c>, which must not lie before an earlier replacement.
    /// </summary>
    public void Replace(int start, int end, string text)
    {
        output.Append(source, copied, start - copied).Append(text).Append('\n', source.AsSpan(start, end - start).Count('\n'));
        copied = end;
    }

    /// <summary>The finished text between a prologue and an epilogue.</summary>
    public string Finish(string prologue, string epilogue)
    {
        output.Append(source, copied, source.Length - copied);
        copied = source.Length;
        if (output.Length > 0 && output[^1] != '\n')
            output.Append('\n');
        return output.Insert(0, prologue).Append(epilogue).ToString();
    }
}
