using System.Buffers;

namespace LilyVM.Assembler.Syntax;

/// <summary>
/// Splits gas text (AT&amp;T, x86 ELF) into statements. It follows gas's own scrubber: <c>#</c> starts a comment anywhere outside quotes,
/// <c>/</c> at the start of a line too, <c>/* */</c> may span lines without ending a statement, <c>;</c> and newline end one, <c>'c</c>
/// is a character constant that needs no closing quote.
/// </summary>
internal sealed class StatementReader
{
    private static readonly SearchValues<char> Interesting = SearchValues.Create("\n;#\"'/");

    private readonly string text;
    private readonly List<Statement> statements;
    private int at;
    private int line = 1;

    private StatementReader(string text)
    {
        this.text = text;
        statements = new List<Statement>(text.Length / 16);
    }

    /// <summary>Reads all statements.</summary>
    /// <exception cref="SyntaxException">A comment or string that never ends, or a NUL byte: not assembly text.</exception>
    public static List<Statement> Read(string text)
    {
        int nul = text.IndexOf('\0');
        if (nul >= 0)
            throw new SyntaxException(1 + text.AsSpan(0, nul).Count('\n'), $"the input is not assembly text (NUL byte at offset {nul})");
        var reader = new StatementReader(text);
        reader.ReadAll();
        return reader.statements;
    }

    private void ReadAll()
    {
        bool lineStart = true;
        while (at < text.Length)
        {
            char c = text[at];
            if (c == '\n')
            {
                line++;
                at++;
                lineStart = true;
            }
            else if (c is ' ' or '\t' or '\r' or '\f' or ';')
            {
                at++;
                lineStart &= c != ';';
            }
            else if (Quoting.StartsComment(text, at))
            {
                SkipBlockComment();
            }
            else if (c == '#' || (c == '/' && lineStart))
            {
                ReadLineComment(lineStart);
            }
            else
            {
                lineStart = false;
                if (TryLabelEnd(out int labelEnd))
                {
                    statements.Add(new Statement(at, labelEnd, line, StatementKind.Label));
                    at = labelEnd;
                }
                else
                {
                    ReadStatement();
                }
            }
        }
    }

    private void SkipBlockComment()
    {
        int end = text.IndexOf("*/", at + 2, StringComparison.Ordinal);
        if (end < 0)
            throw new SyntaxException(line, "a comment that starts here never ends");
        line += text.AsSpan(at, end - at).Count('\n');
        at = end + 2;
    }

    private void ReadLineComment(bool lineStart)
    {
        int end = text.IndexOf('\n', at);
        if (end < 0)
            end = text.Length;
        ReadOnlySpan<char> comment = text.AsSpan(at, end - at).TrimEnd();
        if (lineStart && comment.Length > 1)
        {
            if (comment.SequenceEqual("#APP"))
                statements.Add(new Statement(at, at + comment.Length, line, StatementKind.AppBegin));
            else if (comment.SequenceEqual("#NO_APP"))
                statements.Add(new Statement(at, at + comment.Length, line, StatementKind.AppEnd));
            else if (comment[1] == ' ' && comment.Length > 2 && char.IsAsciiDigit(comment[2]))
                statements.Add(new Statement(at, at + comment.Length, line, StatementKind.LineMarker));
        }
        at = end;
    }

    private bool TryLabelEnd(out int end)
    {
        int i = at;
        if (text[i] == '"')
        {
            i = text.IndexOf('"', i + 1) + 1;
            if (i == 0)
                i = at;
        }
        else
        {
            while (i < text.Length && IsSymbolCharacter(i))
                i++;
        }
        int name = i;
        while (i < text.Length && text[i] is ' ' or '\t')
            i++;
        end = i + 1;
        return name > at && i < text.Length && text[i] == ':';
    }

    // Inside macro bodies a symbol may hold \arg, \@ and the empty separator \().
    private bool IsSymbolCharacter(int i)
    {
        char c = text[i];
        return char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '$' or '\\' or '@' || c > '\x7f'
            || (i > at && ((c == '(' && text[i - 1] == '\\') || (c == ')' && text[i - 1] == '(')));
    }

    private void ReadStatement()
    {
        int start = at, firstLine = line;
        while (true)
        {
            int found = text.AsSpan(at).IndexOfAny(Interesting);
            if (found < 0)
            {
                at = text.Length;
                break;
            }
            at += found;
            char c = text[at];
            if (c is '\n' or ';' or '#')
                break;
            if (c == '"')
                SkipString();
            else if (c == '\'')
                at = Quoting.AfterCharacter(text, at);
            else if (Quoting.StartsComment(text, at))
                SkipBlockComment();
            else
                at++;
        }
        int end = at;
        while (end > start && char.IsWhiteSpace(text[end - 1]))
            end--;
        statements.Add(new Statement(start, end, firstLine, KindOf(start, end)));
    }

    private void SkipString()
    {
        int firstLine = line;
        for (at++; at < text.Length; at++)
        {
            char c = text[at];
            if (c == '\\')
                at++;
            else if (c == '\n')
                line++;
            else if (c == '"')
            {
                at++;
                return;
            }
        }
        throw new SyntaxException(firstLine, "a string that starts here never ends");
    }

    private StatementKind KindOf(int start, int end)
    {
        int i = start;
        while (i < end && (char.IsAsciiLetterOrDigit(text[i]) || text[i] is '_' or '.' or '$'))
            i++;
        while (i < end && text[i] is ' ' or '\t')
            i++;
        if (i < end && i > start && text[i] == '=')
            return StatementKind.Assignment;
        return text[start] switch
        {
            '.' => StatementKind.Directive,
            '\\' => StatementKind.Substitution,
            _ => StatementKind.Instruction,
        };
    }
}
