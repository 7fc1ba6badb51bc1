using LilyVM.Abi;
using LilyVM.Assembler.Emission;
using LilyVM.Assembler.Rules;
using LilyVM.Assembler.Rules.X64;
using LilyVM.Assembler.Syntax;

namespace LilyVM.Assembler;

/// <content>x86-64: inline forms that stand in the table's rows, and code that runs elsewhere than it was linked.</content>
public sealed partial class Converter
{
    // A relative call from code at its physical address would land elsewhere; IA-32 has an alias of the library for that.
    private bool AbsoluteCalls => rules.Bits == 64 && (state.RunsElsewhere || absoluteCalls);

    private bool IsJump(RewriteRule rule, Instruction instruction) =>
        CallForm.Entry(rule.EntryFor(instruction), rules).Use == EntryUse.Jump;

    private void WarnOfRedZone(Statement statement, bool broken)
    {
        if (broken)
            editor.Replace(statement.Start, statement.Start, RedZone.Warning);
    }

    private bool TryInline(int first, int last, Instruction instruction, RewriteRule rule)
    {
        InlineText inline = rule.Inline!;
        // Absolute operands survive being copied elsewhere, calls with operands do not.
        bool allowed = InlineAllowed || (state.InAlternative && !state.InBlock && rule.Operands.Length > 0 && inline.Calls is null);
        bool calls = inline.Calls is not null && AbsoluteCalls;
        if (!allowed || calls || !FlagsAllow(inline.Condition, first, last))
            return false;
        if (inline.Calls is { } entry)
            epilogue.Use(CallForm.Entry(entry, rules).Symbol);
        string text = VcpuFields.Fill(inline.Template, instruction.Operands);
        statistics.Inline++;
        text = ObjectEpilogue.RecordWideSite(text, inline.Length, OriginalCode(first, last), state.InMacro, first);
        Replace(first, last, text, instruction.Mnemonic, inline.Length);
        return true;
    }

    private bool FlagsAllow(FlagsCondition condition, int first, int last) => condition switch
    {
        FlagsCondition.DeadAfter => FlagLiveness.DeadFrom(source, statements, last + 1),
        FlagsCondition.UndefinedBefore => FlagsUndefinedBefore(first),
        _ => true,
    };

    // GCC takes every inline assembly to clobber the flags, so at its start they mean nothing.
    private bool FlagsUndefinedBefore(int index)
    {
        do
            index--;
        while (index >= 0 && statements[index].Kind is StatementKind.LineMarker or StatementKind.Label);
        return index >= 0 && statements[index].Kind == StatementKind.AppBegin;
    }
}
