using System.Text;

namespace LilyVM.Assembler.CommandLine;

/// <summary><c>@file</c> words, as GNU tools expand them: words separated by blanks, quotes and backslashes protect.</summary>
public static class ResponseFiles
{
    /// <summary>Replaces each <c>@file</c> that names a readable file by its words; others stay, as with gas.</summary>
    public static List<string> Expand(IReadOnlyList<string> words)
    {
        var expanded = new List<string>();
        foreach (string word in words)
        {
            if (word.Length > 1 && word[0] == '@' && File.Exists(word[1..]))
                expanded.AddRange(Expand(Split(File.ReadAllText(word[1..]))));
            else
                expanded.Add(word);
        }
        return expanded;
    }

    private static List<string> Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool inside = false;
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (inside)
                    words.Add(word.ToString());
                word.Clear();
                inside = false;
                continue;
            }
            inside = true;
            if (c == '\\' && i + 1 < text.Length)
                word.Append(text[++i]);
            else if (quote == c)
                quote = '\0';
            else if (quote == '\0' && c is '"' or '\'')
                quote = c;
            else
                word.Append(c);
        }
        if (inside)
            words.Add(word.ToString());
        return words;
    }
}
