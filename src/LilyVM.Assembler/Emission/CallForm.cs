using System.Text;
using LilyVM.Abi;
using LilyVM.Assembler.Rules;
using LilyVM.Assembler.Syntax;

namespace LilyVM.Assembler.Emission;

/// <summary>Writes the call that replaces an instruction, and the NOPs that carry its operands.</summary>
internal static class CallForm
{
    /// <summary>The text that replaces <paramref name="instruction"/>, and the entry it calls.</summary>
    public static (string Text, LibraryEntry Entry) For(Instruction instruction, RewriteRule rule)
    {
        string name = rule.EntryFor(instruction);
        if (name.StartsWith("ins", StringComparison.Ordinal) || name.StartsWith("outs", StringComparison.Ordinal))
            name = instruction.Prefixes.Count > 0 ? "rep_" + name : name;
        if (!LibraryEntries.TryGet(name, out LibraryEntry entry))
            throw new InvalidOperationException($"the rewrite table names '{name}', which the VM library does not have");
        var text = new StringBuilder("call ").Append(entry.Symbol);
        foreach (string slot in rule.Operands.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            text.Append("; nopl ").Append(NopOperand(slot[0], instruction.Operands[slot[1] - '0']));
        return (text.ToString(), entry);
    }

    private static string NopOperand(char kind, Operand operand) => (kind, operand.Class) switch
    {
        ('M', OperandClass.Indirect) => operand.Text[1..].TrimStart(),
        ('M', _) => operand.Text,
        ('V', OperandClass.Immediate) => operand.Text[1..].TrimStart(),
        (_, OperandClass.MacroArgument) => $"({operand.Text})",
        _ => $"(%{operand.RegisterName})",
    };
}
