namespace LilyVM.Assembler.Syntax;

/// <summary>Where quoted things end: one place for the rules that the statement reader and the operand splitter must share.</summary>
internal static class Quoting
{
    /// <summary>
    /// Index after the character constant that starts at <paramref name="start"/>: <c>'c</c>, <c>'\n</c>, with or without closing quote.
    /// </summary>
    public static int AfterCharacter(ReadOnlySpan<char> text, int start)
    {
        int i = start + 1;
        if (i < text.Length && text[i] == '\\')
            i++;
        if (i < text.Length && text[i] != '\n')
            i++;
        if (i < text.Length && text[i] == '\'')
            i++;
        return i;
    }

    /// <summary>
    /// Index of the quote that closes the string starting at <paramref name="start"/>, or the last index of an unfinished one.
    /// </summary>
    public static int EndOfString(ReadOnlySpan<char> text, int start)
    {
        int i = start + 1;
        while (i < text.Length && text[i] != '"')
            i += text[i] == '\\' ? 2 : 1;
        return Math.Min(i, text.Length - 1);
    }

    /// <summary>True when a block comment starts at <paramref name="i"/>.</summary>
    public static bool StartsComment(ReadOnlySpan<char> text, int i) => text[i] == '/' && i + 1 < text.Length && text[i + 1] == '*';
}
