using LilyVM.Abi;
using LilyVM.Assembler.Emission;
using LilyVM.Assembler.Rules;
using LilyVM.Assembler.Syntax;

namespace LilyVM.Assembler;

/// <content>Code that only exists once gas has expanded it: quoted macro arguments, mnemonics and operands made of macro
/// arguments.</content>
public sealed partial class Converter
{
    private void ConvertMacroInvocation(Statement statement)
    {
        string text = statement.Text(source).ToString();
        FollowArguments(statement, text);
        if (state.SwitchedOff || state.Bits != rules.Bits)
            return;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '"')
                continue;
            int end = Quoting.EndOfString(text, i);
            ConvertQuoted(statement, statement.Start + i + 1, statement.Start + end);
            i = end;
        }
    }

    private void FollowArguments(Statement statement, ReadOnlySpan<char> text)
    {
        string? problem = macros.NoteArguments(text, statistics);
        if (problem is not null && state.Bits == rules.Bits && !state.SwitchedOff)
            Fail(statement, 0, problem);
    }

    // A quoted macro argument may be pasted anywhere, an alternative among others: only a lone call survives that.
    private void ConvertQuoted(Statement statement, int start, int end)
    {
        string quoted = source[start..end];
        List<Statement> parts = StatementReader.Read(quoted);
        foreach (Statement part in parts)
        {
            Instruction instruction = Instruction.Parse(part.Text(quoted));
            if (part.Kind != StatementKind.Instruction || rules.For(instruction.Mnemonic) is null)
                continue;
            RewriteRule? rule = rules.Find(instruction);
            if (rule is null && (!rules.IsSensitive(instruction) || IsProse(instruction)))
                continue;
            if (instruction.Mnemonic == "verw" && rule is { Operands.Length: > 0 })
                statistics.CountLeftAlone("verw", LeftAlone.VerwInAlternative);
            else if (rule is null || rule.Operands.Length > 0 || IsJump(rule, instruction) || parts.Count > 1
                || instruction.Prefixes.Count > 0)
                Fail(statement, 0, "sensitive instruction in a quoted macro argument: only one without operands, alone in its quotes, " +
                    "can be converted");
            else
            {
                (string text, LibraryEntry entry) = CallForm.For(instruction, rule, rules, absolute: false);
                epilogue.Use(entry.Symbol);
                editor.Replace(start + part.Start, start + part.End, text);
                statistics.CountRewritten(instruction.Mnemonic);
            }
        }
    }

    private static bool IsProse(Instruction instruction) =>
        instruction.Operands.Count > 0 && instruction.Operands.All(o => o.Text.AsSpan().IndexOfAny("%$(*\\") < 0);

    // A mnemonic put together at expansion, `in\width`: the stem alone tells whether it may be sensitive.
    private void CheckComposed(Statement statement, ReadOnlySpan<char> stem)
    {
        if (rules.IsAlwaysSensitive(stem) && state.Bits == rules.Bits && !state.SwitchedOff)
            Fail(statement, 0, "unsupported form of a sensitive instruction");
        else
            CheckSubstitution(statement, statement.Text(source));
    }

    // What a macro argument makes of a mnemonic is unknown here; with a system register it can only be sensitive.
    private void CheckSubstitution(Statement statement, ReadOnlySpan<char> text)
    {
        if (!SystemRegisters.MayAppearIn(text) || state.Bits != rules.Bits || state.SwitchedOff)
            return;
        int blank = text.IndexOfAny(' ', '\t');
        if (blank > 0 && Instruction.SplitOperands(text[blank..].ToString()).Any(o => o.IsSystemRegister))
            Fail(statement, 0, "unsupported form of a sensitive instruction");
    }
}
