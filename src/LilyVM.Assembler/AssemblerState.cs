using LilyVM.Assembler.Syntax;

namespace LilyVM.Assembler;

/// <summary>
/// What the directives before a statement have set: code size, syntax, section, nesting, the escape switch, line markers.
/// </summary>
internal sealed class AssemblerState(string fileName, ConversionOptions options)
{
    private readonly Stack<(string Section, string Previous, int Line)> sections = new();
    private readonly Stack<(string Directive, int Line)> blocks = new();
    private readonly HashSet<string> codeSections = [];
    private bool absoluteCalls;
    private string section = ".text";
    private string previousSection = ".text";
    private string? markedFile;
    private int markerLine;
    private int markedAt = -1;

    /// <summary>Code size in bits.</summary>
    public int Bits { get; private set; } = options.Bits;

    /// <summary>True where registers may stand without a percent sign: in Intel syntax, and after <c>noprefix</c>.</summary>
    public bool NamesRegistersBare { get; private set; } = options.NamesRegistersBare;

    /// <summary>True while the source has switched rewriting off.</summary>
    public bool SwitchedOff { get; private set; }

    /// <summary>File that the last line marker named, or the input.</summary>
    public string File => markedFile ?? fileName;

    /// <summary>True where text is a patched-in replacement: only a 5-byte call survives being copied elsewhere.</summary>
    public bool InAlternative => section == ".altinstr_replacement";

    /// <summary>True in a section of code, as far as its name or flags tell.</summary>
    public bool InCode =>
        section.Contains(".text", StringComparison.Ordinal) || section.StartsWith(".init", StringComparison.Ordinal)
            || codeSections.Contains(section);

    /// <summary>
    /// True in code that runs at its physical address: Linux's <c>.head.text</c>, and where <c>.Llilyvm_absolute_calls</c> is set.
    /// </summary>
    public bool RunsElsewhere => absoluteCalls || section.StartsWith(".head.text", StringComparison.Ordinal);

    /// <summary>Depth of <c>.pushsection</c>.</summary>
    public int SectionDepth => sections.Count;

    /// <summary>True inside a macro body or a repeat block.</summary>
    public bool InBlock => blocks.Count > 0;

    /// <summary>True in a macro body that is not inside another block, where <c>\@</c> makes labels unique.</summary>
    public bool InMacro => blocks.Count == 1 && blocks.Peek().Directive == ".macro";

    /// <summary>True where text is repeated or nested so that no unique label can be made.</summary>
    public bool InRepeat => blocks.Count > 0 && !InMacro;

    /// <summary>The line to report for a line of the input.</summary>
    public int ReportedLine(int line) => markedAt < 0 ? line : markerLine + (line - markedAt - 1);

    /// <summary>Follows a line marker.</summary>
    public void Mark(ReadOnlySpan<char> marker, int line)
    {
        int quote = marker.IndexOf('"');
        ReadOnlySpan<char> number = marker[2..];
        int digits = 0;
        while (digits < number.Length && char.IsAsciiDigit(number[digits]))
            digits++;
        if (quote < 0 || !int.TryParse(number[..digits], out int value))
            return;
        ReadOnlySpan<char> name = marker[(quote + 1)..];
        int end = name.IndexOf('"');
        bool atInput = end <= 0; // `# 0 "" 2` is the compiler's way back from inline assembly to its own output
        (markedFile, markerLine, markedAt) = atInput ? (null, 0, -1) : (name[..end].ToString(), value, line);
    }

    /// <summary>Follows a directive.</summary>
    /// <exception cref="SyntaxException">A block that ends here was never opened.</exception>
    public void Follow(ReadOnlySpan<char> directive, int line)
    {
        ReadOnlySpan<char> name = Instruction.FirstWord(directive);
        ReadOnlySpan<char> rest = directive[name.Length..].Trim();
        switch (name)
        {
            case ".code16" or ".code16gcc":
                Bits = 16;
                break;
            case ".code32":
                Bits = 32;
                break;
            case ".code64":
                Bits = 64;
                break;
            case ".intel_syntax":
                NamesRegistersBare = true;
                break;
            case ".att_syntax":
                NamesRegistersBare = rest.StartsWith("noprefix", StringComparison.Ordinal);
                break;
            case ".text" or ".data" or ".bss":
                (previousSection, section) = (section, name.ToString());
                break;
            case ".section":
                (previousSection, section) = (section, SectionName(rest));
                break;
            case ".pushsection":
                sections.Push((section, previousSection, line));
                (previousSection, section) = (section, SectionName(rest));
                break;
            case ".popsection" when sections.Count > 0:
                (section, previousSection, _) = sections.Pop();
                break;
            case ".previous":
                (previousSection, section) = (section, previousSection);
                break;
            case ".macro" or ".rept" or ".irp" or ".irpc":
                blocks.Push((name.ToString(), line));
                break;
            case ".endm" or ".endmacro":
                Close(name, ".macro", line);
                break;
            case ".endr":
                Close(name, ".r", line);
                break;
            case ".set" or ".equ" when rest.StartsWith(".Llilyvm_rewrite", StringComparison.Ordinal):
                SwitchedOff = rest.TrimEnd().EndsWith('0');
                break;
            case ".set" or ".equ" when rest.StartsWith(".Llilyvm_absolute_calls", StringComparison.Ordinal):
                absoluteCalls = !rest.TrimEnd().EndsWith('0');
                break;
        }
    }

    /// <summary>Checks that nothing is left open at the end of the input.</summary>
    /// <exception cref="SyntaxException">A macro or repeat block never ends.</exception>
    public void Finish()
    {
        if (blocks.TryPeek(out (string Directive, int Line) block))
            throw new SyntaxException(block.Line, $"the {block.Directive} that starts here never ends");
    }

    private void Close(ReadOnlySpan<char> end, string start, int line)
    {
        // .endr closes .rept, .irp and .irpc.
        if (!blocks.TryPop(out (string Directive, int Line) block) || (start == ".macro") != (block.Directive == ".macro"))
            throw new SyntaxException(line, $"{end} without its beginning");
    }

    private string SectionName(ReadOnlySpan<char> text)
    {
        int comma = text.IndexOf(',');
        string name = (comma < 0 ? text : text[..comma]).Trim().Trim('"').ToString();
        int quote = text.IndexOf('"');
        if (comma >= 0 && quote > comma && text[(quote + 1)..].IndexOf('"') is > 0 and int end && text.Slice(quote + 1, end).Contains('x'))
            codeSections.Add(name);
        return name;
    }
}
