namespace LilyVM.Audit;

/// <summary>One line of an allow-list: which findings are all right, and why.</summary>
/// <param name="Symbol">
/// Symbol; <c>*</c> and <c>?</c> are wild. Code without a symbol goes by its section in brackets, e.g. <c>[.altinstr_replacement]</c>.
/// </param>
/// <param name="Mnemonic">Name as <see cref="SensitiveInstructions"/> has it; <c>*</c> and <c>?</c> are wild.</param>
/// <param name="Reason">Why the instruction may stay.</param>
/// <param name="Line">Line in the file, from 1.</param>
public sealed record AllowEntry(string Symbol, string Mnemonic, string Reason, int Line)
{
    /// <summary>Whether the entry covers a finding.</summary>
    public bool Covers(AuditFinding finding) =>
        System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(Symbol, finding.Symbol, ignoreCase: false) &&
        System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(Mnemonic, finding.Name, ignoreCase: false);
}

/// <summary>
/// The allow-list of an audit: a text table with the columns symbol, mnemonic and reason, apart by white space. Empty lines and those that
/// start with <c>#</c> are comments. Every entry has a reason: it is what a reader of the audit has to judge.
/// </summary>
public static class AllowList
{
    /// <summary>Reads a file.</summary>
    public static IReadOnlyList<AllowEntry> Load(string path)
    {
        try
        {
            return Parse(File.ReadAllLines(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LilyVMException($"Cannot read the allow-list {path}; give an existing file.", e);
        }
    }

    /// <summary>Reads lines; <paramref name="fileName"/> serves error messages.</summary>
    public static IReadOnlyList<AllowEntry> Parse(IReadOnlyList<string> lines, string fileName)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var entries = new List<AllowEntry>();
        for (int i = 0; i < lines.Count; i++)
        {
            string[] columns = lines[i].Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (columns.Length == 0 || columns[0].StartsWith('#'))
                continue;
            if (columns.Length < 3)
                throw new LilyVMException(
                    $"{fileName}:{i + 1}: an entry is a symbol, a mnemonic and a reason; write down why this instruction may stay.");
            if (!columns[1].AsSpan().ContainsAny('*', '?') && columns[1] != AuditFinding.Undecodable
                && !SensitiveInstructions.Ia32.Names.Contains(columns[1]) &&
                !SensitiveInstructions.X64.Names.Contains(columns[1]))
                throw new LilyVMException(
                    $"{fileName}:{i + 1}: '{columns[1]}' is no sensitive instruction; use a name that the audit prints.");
            entries.Add(new AllowEntry(columns[0], columns[1], columns[2], i + 1));
        }
        return entries;
    }
}
