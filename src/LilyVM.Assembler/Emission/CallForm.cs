using System.Globalization;
using System.Text;
using LilyVM.Abi;
using LilyVM.Assembler.Rules;
using LilyVM.Assembler.Syntax;

namespace LilyVM.Assembler.Emission;

/// <summary>Writes the call or jump that replaces an instruction, and the NOPs that carry its operands.</summary>
internal static class CallForm
{
    /// <summary>The text that replaces <paramref name="instruction"/>, and the entry it reaches.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="rule">The row that takes it.</param>
    /// <param name="rules">The table that the row is of.</param>
    /// <param name="absolute">True where a relative call would land elsewhere.</param>
    public static (string Text, LibraryEntry Entry) For(Instruction instruction, RewriteRule rule, RuleSet rules, bool absolute)
    {
        string name = rule.EntryFor(instruction);
        if (name.StartsWith("ins", StringComparison.Ordinal) || name.StartsWith("outs", StringComparison.Ordinal))
            name = instruction.Prefixes.Count > 0 ? "rep_" + name : name;
        LibraryEntry entry = Entry(name, rules);
        var text = new StringBuilder(Reach(entry, absolute));
        foreach (string slot in rule.Operands.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            text.Append("; nopl ").Append(NopOperand(slot[0], instruction.Operands[slot[1] - '0'], rules));
        return (text.ToString(), entry);
    }

    /// <summary>The entry of a name, which the table must have.</summary>
    public static LibraryEntry Entry(string name, RuleSet rules) =>
        rules.Entries.TryGet(name, out LibraryEntry entry)
            ? entry
            : throw new InvalidOperationException($"the rewrite table names '{name}', which the VM library does not have");

    /// <summary>The call or jump alone. A jump leaves what a call of five bytes in its place would have for return address.</summary>
    public static string Reach(LibraryEntry entry, bool absolute)
    {
        string target = absolute ? $"*{Hex(Abi.X64.VmArea.Pointers + (uint)entry.Index * 8)}" : entry.Symbol;
        return entry.Use == EntryUse.Call ? $"call {target}" : $"movq $.+5,{Rules.X64.VcpuFields.TransferSite}; jmp {target}";
    }

    private static string Hex(uint address) => "0x" + address.ToString("x8", CultureInfo.InvariantCulture);

    private static string NopOperand(char kind, Operand operand, RuleSet rules) => (kind, operand.Class) switch
    {
        ('M', OperandClass.Indirect) => operand.Text[1..].TrimStart(),
        ('M', _) => operand.Text,
        ('V', OperandClass.Immediate) => operand.Text[1..].TrimStart(),
        (_, OperandClass.MacroArgument) => $"({operand.Text})",
        _ => $"(%{(rules.Bits == 64 ? operand.WideName : operand.RegisterName)})",
    };
}
