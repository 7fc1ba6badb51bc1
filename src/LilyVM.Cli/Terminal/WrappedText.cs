namespace LilyVM.Cli.Terminal;

/// <summary>Text in lines that fit a terminal.</summary>
internal static class WrappedText
{
    /// <summary>The words of a text in lines of at most so many columns, longer words on lines of their own.</summary>
    internal static IEnumerable<string> Lines(string text, int width)
    {
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }
            line += line.Length > 0 ? " " + word : word;
        }
        yield return line;
    }

    /// <summary>Writes a text; in one line where nobody looks at a terminal.</summary>
    internal static void Write(TextWriter output, string text)
    {
        foreach (string line in Lines(text, StandardStream.TerminalWidth(output) ?? int.MaxValue))
            output.WriteLine(line);
    }
}
