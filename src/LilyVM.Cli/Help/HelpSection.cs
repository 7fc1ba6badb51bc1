using LilyVM.Cli.Terminal;

namespace LilyVM.Cli.Help;

/// <summary>A part of a help page behind the commands and options.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Rows">Its lines: a word and what it means, or a line alone where the meaning is empty.</param>
internal sealed record HelpSection(string Title, params (string Word, string Meaning)[] Rows)
{
    /// <summary>Writes it in the manner of the parts above it, in lines of at most <paramref name="width"/> columns.</summary>
    internal void Write(TextWriter output, int width)
    {
        output.WriteLine(Title + ":");
        int column = Rows.Where(r => r.Meaning.Length > 0).Select(r => r.Word.Length).DefaultIfEmpty().Max() + 4;
        foreach ((string word, string meaning) in Rows)
        {
            string margin = ("  " + word).PadRight(meaning.Length > 0 ? column : 0);
            foreach (string line in WrappedText.Lines(meaning, Math.Max(width - column, 20)))
            {
                output.WriteLine((margin + line).TrimEnd());
                margin = new string(' ', column);
            }
        }
        output.WriteLine();
    }
}
