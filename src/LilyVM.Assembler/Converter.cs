using LilyVM.Abi;
using LilyVM.Assembler.Emission;
using LilyVM.Assembler.Rules;
using LilyVM.Assembler.Rules.Ia32;
using LilyVM.Assembler.Statistics;
using LilyVM.Assembler.Syntax;

namespace LilyVM.Assembler;

/// <summary>
/// The assembler preprocessor: rewrites the sensitive instructions of one input by the table of its architecture (<see cref="RuleSet"/>)
/// and leaves every other character as it is. An instruction that it cannot rewrite is an error, never passed on.
/// </summary>
public sealed partial class Converter
{
    private const string BareRegion = "sensitive instruction in an .intel_syntax or noprefix region: write it in AT&T syntax";
    private const string RegisterName = "a system register by another name: write the register where it is used";

    private readonly string source;
    private readonly string fileName;
    private readonly bool annotate;
    private readonly List<Statement> statements;
    private readonly AssemblerState state;
    private readonly TextEditor editor;
    private readonly RuleSet rules;
    private readonly bool absoluteCalls;
    private readonly ObjectEpilogue epilogue;
    private readonly RedZone redZone = new();
    private readonly MacroMnemonics macros;
    private readonly PaddingPlan padding;
    private readonly List<int> rewritten = []; // indices of rewritten statements, ascending
    private bool startsSum = true; // nothing measured yet in the routine at hand
    private readonly ConversionStatistics statistics;
    private readonly List<Diagnostic> errors = [];

    private Converter(string source, string fileName, ConversionOptions options)
    {
        this.source = source;
        this.fileName = fileName;
        annotate = options.Annotate;
        rules = RuleSet.For(options.Bits);
        absoluteCalls = options.AbsoluteCalls;
        epilogue = new ObjectEpilogue(rules);
        statistics = new ConversionStatistics { File = fileName, Lines = source.AsSpan().Count('\n') };
        statements = StatementReader.Read(source);
        state = new AssemblerState(fileName, options);
        editor = new TextEditor(source);
        macros = MacroMnemonics.Collect(source, statements, rules);
        padding = PaddingPlan.Make(source, statements, new AssemblerState(fileName, options));
    }

    /// <summary>Converts one input.</summary>
    /// <param name="source">The text, one character per byte (Latin-1), so that it comes out as it went in.</param>
    /// <param name="fileName">Name for messages and for the assembler's own.</param>
    /// <param name="options">Start state and output form.</param>
    public static ConversionResult Convert(string source, string fileName, ConversionOptions options)
    {
        Converter? converter = null;
        try
        {
            converter = new Converter(source, fileName, options);
            return converter.Run();
        }
        catch (SyntaxException e)
        {
            var error = new Diagnostic(fileName, e.Line, e.Message);
            return new ConversionResult("", converter?.statistics ?? new ConversionStatistics { File = fileName },
                [.. converter?.errors ?? [], error]);
        }
    }

    private ConversionResult Run()
    {
        for (int i = 0; i < statements.Count; i++)
        {
            Statement statement = statements[i];
            switch (statement.Kind)
            {
                case StatementKind.Label:
                    redZone.Enter(statement.Text(source));
                    if (padding.EndsAligned(i, out (int First, string Symbol) routine) && rewritten.Count > 0
                        && rewritten[^1] >= routine.First)
                        editor.Replace(statement.Start, statement.Start, Growth.Warning(routine.Symbol));
                    break;
                case StatementKind.LineMarker:
                    state.Mark(statement.Text(source), statement.Line);
                    break;
                case StatementKind.Directive:
                    state.Follow(statement.Text(source), statement.Line);
                    FollowArguments(statement, statement.Text(source));
                    CheckRegisterName(statement);
                    i = ShrinkPadding(i);
                    break;
                case StatementKind.Assignment:
                    CheckRegisterName(statement);
                    break;
                case StatementKind.Instruction:
                    i = state.NamesRegistersBare ? CheckBareInstruction(i) : ConvertInstruction(i);
                    break;
                case StatementKind.Substitution:
                    CheckSubstitution(statement, statement.Text(source));
                    break;
            }
        }
        state.Finish();
        foreach (string mnemonic in macros.Redefined)
        {
            epilogue.Use(macros.EntryOf(mnemonic).Symbol);
            if (statistics.LeftAlone.Keys.Any(k => k.Mnemonic == mnemonic))
                errors.Add(new Diagnostic(fileName, 1, $"`{mnemonic}' is a macro argument and also stands in code that must not be " +
                    "rewritten: use `.byte' there"));
        }
        string text = editor.Finish(macros.Prologue() + $"# 1 \"{Escaped(fileName)}\"\n", epilogue.Text(statistics.RewrittenTotal));
        return new ConversionResult(text, statistics, errors);
    }

    private static string Escaped(string name) =>
        name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    // Returns the index of the last statement that was dealt with.
    private int ConvertInstruction(int index)
    {
        Statement statement = statements[index];
        ReadOnlySpan<char> text = Instruction.AfterEncodingHints(statement.Text(source));
        ReadOnlySpan<char> word = Instruction.FirstWord(text);

        if (text.Length > word.Length && text[word.Length] == '\\')
        {
            CheckComposed(statement, word);
            return index;
        }
        if (word.ContainsAnyInRange('A', 'Z') || word.Contains('.'))
            word = Instruction.MnemonicOf(word);
        if (rules.Bits == 64 && RedZone.IsUsedBy(word, text))
            WarnOfRedZone(statement, redZone.Uses());
        if (rules.For(word) is null)
        {
            if (macros.IsDefined(word))
                ConvertMacroInvocation(statement);
            else if (Instruction.IsPrefix(word.ToString()))
                return ConvertPrefixed(index);
            else if (LeftAlone.TryGet(word, out string reason))
                statistics.CountLeftAlone(word.ToString(), reason);
            else if (SystemRegisters.MayAppearIn(text))
                CheckSubstitution(statement, text);
            return index;
        }
        bool plain = RuleSet.IsTransfer(word)
            ? !text.Contains(',')
            : RuleSet.IsMove(word) && !SystemRegisters.MayAppearIn(text) && !IsFlagsRestore(index);
        return plain ? index : ConvertSensitive(index, index, []);
    }

    // Where registers have no percent sign, operands are not taken apart: what may be sensitive is refused.
    private int CheckBareInstruction(int index)
    {
        Statement statement = statements[index];
        string text = statement.Text(source).ToString();
        if (macros.IsDefined(Instruction.FirstWord(text)))
        {
            ConvertMacroInvocation(statement);
            return index;
        }
        string mnemonic = Instruction.Parse(text).Mnemonic;
        bool sensitive = BareSpellings.IsSensitive(mnemonic, text, rules);
        if (!sensitive && LeftAlone.TryGet(mnemonic, out string reason))
            statistics.CountLeftAlone(mnemonic, reason);
        else if (sensitive && (state.SwitchedOff || state.Bits != rules.Bits))
            statistics.CountLeftAlone(mnemonic, state.SwitchedOff ? LeftAlone.SwitchedOff : LeftAlone.OtherMode);
        else if (sensitive)
            Fail(statement, index, BareRegion);
        return index;
    }

    // `stack = %ss`: gas then takes the symbol for the register.
    private void CheckRegisterName(Statement statement)
    {
        ReadOnlySpan<char> text = statement.Text(source);
        bool assigns = statement.Kind == StatementKind.Assignment || Instruction.FirstWord(text) is ".set" or ".equ" or ".equiv" or ".eqv";
        if (assigns && SystemRegisters.MayAppearIn(text) && state.Bits == rules.Bits && !state.SwitchedOff)
            Fail(statement, 0, RegisterName);
    }

    // A prefix may stand before the instruction or in a statement of its own before it (`rep; insb`).
    private int ConvertPrefixed(int index)
    {
        Instruction instruction = Instruction.Parse(statements[index].Text(source));
        if (instruction.Mnemonic.Length > 0)
        {
            if (LeftAlone.TryGet(instruction.Mnemonic, out string reason))
                statistics.CountLeftAlone(instruction.Mnemonic, reason);
            return rules.For(instruction.Mnemonic) is null ? index : ConvertSensitive(index, index, []);
        }
        if (!Follows(index, out int next))
            return index;
        Instruction prefixed = Instruction.Parse(statements[next].Text(source), instruction.Prefixes);
        return rules.For(prefixed.Mnemonic) is null ? index : ConvertSensitive(index, next, instruction.Prefixes);
    }

    private int ConvertSensitive(int first, int last, IReadOnlyList<string> prefixes)
    {
        Statement statement = statements[last];
        Instruction instruction = Instruction.Parse(statement.Text(source), prefixes);
        RewriteRule? rule = rules.Find(instruction);
        if (rule is null && !rules.IsSensitive(instruction) && !IsFlagsRestore(last))
            return last; // a plain mov, push, pop, jmp or call
        if (state.SwitchedOff || state.Bits != rules.Bits)
        {
            statistics.CountLeftAlone(instruction.Mnemonic, state.SwitchedOff ? LeftAlone.SwitchedOff : LeftAlone.OtherMode);
            return last;
        }
        if (TryFuse(first, last, instruction, out int fused))
            return fused;
        if (rule is null)
            return Fail(statement, last, "unsupported form of a sensitive instruction");
        if (instruction.Prefixes.Any(p => !(p.StartsWith("rep", StringComparison.Ordinal) && rule.Entry is "ins{w}" or "outs{w}")))
            return Fail(statement, last, $"unsupported prefix `{instruction.Prefixes[0]}' on a sensitive instruction");
        if (rule.Inline is not null && TryInline(first, last, instruction, rule))
            return last;
        if (state.InAlternative && (rule.Operands.Length > 0 || IsJump(rule, instruction)))
        {
            if (instruction.Mnemonic == "verw")
                statistics.CountLeftAlone("verw", LeftAlone.VerwInAlternative);
            else
                Fail(statement, last, "sensitive instruction with operands inside a patched alternative: only a plain call can be " +
                    "moved there");
            return last;
        }
        if (rules.Bits == 32 && rule.Entry == "cli" && InlineAllowed)
            ReplaceInline(first, last, InlineForms.Cli, "", instruction.Mnemonic);
        else if (rules.Bits == 32 && rule.Entry == "sti" && InlineAllowed && FlagLiveness.DeadFrom(source, statements, last + 1))
            ReplaceInline(first, last, InlineForms.Sti, "", instruction.Mnemonic);
        else
            ReplaceByCall(first, last, instruction, rule);
        return last;
    }

    private bool InlineAllowed => state.Bits == rules.Bits && state is { SwitchedOff: false, NamesRegistersBare: false,
        InAlternative: false, InRepeat: false };

    // Pairs that mean more together than one by one.
    private bool TryFuse(int first, int index, Instruction instruction, out int last)
    {
        last = index;
        if (instruction.Prefixes.Count > 0 || !Follows(index, out int next))
            return false;
        Instruction following = Instruction.Parse(statements[next].Text(source));
        switch (instruction.Mnemonic)
        {
            case "sti" when following.Mnemonic is "hlt" or "mwait" or "sysexit" or "sysexitl" && rules.Find(following) is { } rule:
                // Between sti and these no interrupt may be taken: a lost wake-up, or one on the wrong stack.
                LibraryEntry entry = CallForm.Entry("sti_" + rule.Entry, rules);
                epilogue.Use(entry.Symbol);
                Replace(first, next, CallForm.Reach(entry, AbsoluteCalls), "sti");
                statistics.CountRewritten(following.Mnemonic);
                break;
            case "pushf" or "pushfl" when rules.Bits == 32 && InlineAllowed && IsStackOp(following, "pop")
                && FlagLiveness.DeadFrom(source, statements, next + 1):
                ReplaceInline(first, next, InlineForms.SaveFlags, following.Operands[0].RegisterName, instruction.Mnemonic);
                break;
            case "push" or "pushl" when IsFlagsRestore(index):
                ReplaceInline(first, next, InlineForms.RestoreFlags, instruction.Operands[0].RegisterName, following.Mnemonic);
                break;
            default:
                return false;
        }
        last = next;
        return true;
    }

    private static bool IsStackOp(Instruction instruction, string operation) =>
        (instruction.Mnemonic == operation || instruction.Mnemonic == operation + "l") && instruction.Prefixes.Count == 0
        && instruction.Operands is [{ Class: OperandClass.Register32 } register] && register.RegisterName != "esp";

    private bool IsFlagsRestore(int index) =>
        rules.Bits == 32 && InlineAllowed && Follows(index, out int next)
        && Instruction.FirstWord(statements[next].Text(source)) is "popf" or "popfl"
        && IsStackOp(Instruction.Parse(statements[index].Text(source)), "push");

    // The next statement, if it is an instruction with no label, directive or block boundary before it.
    private bool Follows(int index, out int next)
    {
        next = index + 1;
        return next < statements.Count && statements[next].Kind == StatementKind.Instruction;
    }

    private void ReplaceByCall(int first, int last, Instruction instruction, RewriteRule rule)
    {
        (string text, LibraryEntry entry) = CallForm.For(instruction, rule, rules, AbsoluteCalls);
        if (rules.Bits == 64 && entry.Use == EntryUse.Call)
            WarnOfRedZone(statements[first], redZone.Calls());
        epilogue.Use(entry.Symbol);
        if (rule.Undone && !state.InRepeat)
            text = ObjectEpilogue.RecordWideSite(text, null, OriginalCode(first, last), state.InMacro, first);
        Replace(first, last, text, instruction.Mnemonic);
    }

    private void ReplaceInline(int first, int last, InlineForm form, string register, string mnemonic)
    {
        string text = InlineForms.Text(form, register);
        if (text.Contains("lily_deliver", StringComparison.Ordinal))
            epilogue.Use("lily_deliver");
        statistics.Inline++;
        string site = ObjectEpilogue.RecordSite(text, InlineForms.SiteBytes(form, register), state.InMacro, statistics.Inline);
        Replace(first, last, site, mnemonic, InlineForms.LengthOf(form, register));
    }

    private void Replace(int first, int last, string text, string mnemonic, int? length = null)
    {
        statistics.CountRewritten(mnemonic);
        rewritten.Add(first);
        string original = annotate ? Original(first, last) : "";
        if (padding.IsMeasured(first))
            text = Growth.Measure(text, length, OriginalCode(first, last), first, startsSum);
        startsSum &= !padding.IsMeasured(first);
        editor.Replace(statements[first].Start, statements[first].End, annotate ? $"{text} /* was: {original} */" : text);
        for (int i = first + 1; i <= last; i++)
            editor.Replace(statements[i].Start, statements[i].End, "");
    }

    // For gas to assemble where it does no harm. A pseudo-prefix keeps it from taking a redefined mnemonic for a macro.
    private string OriginalCode(int first, int last) => string.Join("; ", statements.GetRange(first, last - first + 1).Select(s =>
    {
        string text = s.Text(source).ToString().ReplaceLineEndings(" ");
        return Instruction.Parse(text).Mnemonic.Length > 0 ? "{nooptimize} " + text : text;
    }));

    private string Original(int first, int last) =>
        string.Join("; ", statements.GetRange(first, last - first + 1).Select(s => s.Text(source).ToString().ReplaceLineEndings(" ")));

    private int ShrinkPadding(int index)
    {
        if (padding.At(index) is not { } room || startsSum)
            return index;
        editor.Replace(statements[index].Start, statements[index].End, Growth.Shrink(room));
        for (int i = index + 1; i <= room.Last; i++)
        {
            state.Follow(statements[i].Text(source), statements[i].Line);
            editor.Replace(statements[i].Start, statements[i].End, "");
        }
        startsSum |= room.IsLast;
        return room.Last;
    }

    private int Fail(Statement statement, int last, string message)
    {
        errors.Add(new Diagnostic(state.File, state.ReportedLine(statement.Line), $"{message}: `{statement.Text(source).Trim()}'"));
        return last;
    }
}
