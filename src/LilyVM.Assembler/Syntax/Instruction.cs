namespace LilyVM.Assembler.Syntax;

/// <summary>An instruction statement taken apart: prefixes, mnemonic, operands.</summary>
public sealed class Instruction
{
    private static readonly HashSet<string> PrefixNames =
    [
        "rep", "repe", "repz", "repne", "repnz", "lock", "cs", "ds", "es", "fs", "gs", "ss",
        "data16", "data32", "addr16", "addr32", "notrack", "bnd", "xacquire", "xrelease", "wait", "fwait",
    ];

    // `mov.s`, `jmp.d32`: the older spelling of {load} and {disp32}.
    private static readonly string[] EncodingSuffixes = [".s", ".d8", ".d32"];

    private Instruction(List<string> prefixes, string mnemonic, List<Operand> operands)
    {
        Prefixes = prefixes;
        Mnemonic = mnemonic;
        Operands = operands;
    }

    /// <summary>Prefixes written before the mnemonic, lower case.</summary>
    public IReadOnlyList<string> Prefixes { get; }

    /// <summary>The mnemonic, lower case; empty when the statement is prefixes only.</summary>
    public string Mnemonic { get; }

    /// <summary>The operands in AT&amp;T order.</summary>
    public IReadOnlyList<Operand> Operands { get; }

    /// <summary>True for a word that is an instruction prefix.</summary>
    public static bool IsPrefix(string word) =>
        PrefixNames.Contains(word) || word == "rex" || word.StartsWith("rex.", StringComparison.Ordinal)
            || word.StartsWith("rex64", StringComparison.Ordinal);

    /// <summary>The mnemonic of a word: lower case, without a suffix that only chooses the encoding.</summary>
    public static string MnemonicOf(ReadOnlySpan<char> word)
    {
        foreach (string suffix in EncodingSuffixes)
        {
            if (word.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
                word = word[..^suffix.Length];
        }
        return word.ToString().ToLowerInvariant();
    }

    /// <summary>What follows pseudo-prefixes such as <c>{disp32}</c>: they only choose an encoding.</summary>
    public static ReadOnlySpan<char> AfterEncodingHints(ReadOnlySpan<char> statement)
    {
        while (statement.Length > 0 && statement[0] == '{')
        {
            int end = statement.IndexOf('}');
            statement = end < 0 ? "" : statement[(end + 1)..].TrimStart();
        }
        return statement;
    }

    /// <summary>Takes the text of one statement apart. Comments inside are dropped.</summary>
    public static Instruction Parse(ReadOnlySpan<char> statement, IEnumerable<string>? prefixesBefore = null)
    {
        var prefixes = new List<string>(prefixesBefore ?? []);
        string text = statement.Contains("/*", StringComparison.Ordinal) ? WithoutComments(statement) : statement.ToString();
        string rest = text;
        while (true)
        {
            rest = AfterEncodingHints(rest).ToString();
            ReadOnlySpan<char> first = FirstWord(rest);
            string word = MnemonicOf(first);
            rest = rest[first.Length..].TrimStart();
            if (!IsPrefix(word) || word.Length == 0)
                return new Instruction(prefixes, word, SplitOperands(rest));
            prefixes.Add(word);
            if (rest.Length == 0)
                return new Instruction(prefixes, "", []);
        }
    }

    /// <summary>The leading word of a statement: a mnemonic, directive or macro name.</summary>
    public static ReadOnlySpan<char> FirstWord(ReadOnlySpan<char> statement)
    {
        int i = 0;
        while (i < statement.Length && (char.IsAsciiLetterOrDigit(statement[i]) || statement[i] is '_' or '.' or '$'))
            i++;
        return statement[..i];
    }

    /// <summary>Splits at commas outside parentheses and quotes.</summary>
    public static List<Operand> SplitOperands(string text)
    {
        var operands = new List<Operand>();
        int depth = 0, start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '"')
                i = Quoting.EndOfString(text, i);
            else if (c == '\'')
                i = Quoting.AfterCharacter(text, i) - 1;
            else if (c == '(')
                depth++;
            else if (c == ')')
                depth--;
            else if (c == ',' && depth == 0)
            {
                operands.Add(Operand.Parse(text[start..i].Trim()));
                start = i + 1;
            }
        }
        string last = text[start..].Trim();
        if (last.Length > 0 || operands.Count > 0)
            operands.Add(Operand.Parse(last));
        return operands;
    }

    private static string WithoutComments(ReadOnlySpan<char> statement)
    {
        string text = statement.ToString();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
                i = Quoting.EndOfString(text, i);
            else if (text[i] == '\'')
                i = Quoting.AfterCharacter(text, i) - 1;
            else if (Quoting.StartsComment(text, i))
                text = string.Concat(text.AsSpan(0, i), " ", text.AsSpan(text.IndexOf("*/", i + 2, StringComparison.Ordinal) + 2));
        }
        return text.Trim();
    }
}
