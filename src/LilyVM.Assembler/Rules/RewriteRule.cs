using LilyVM.Assembler.Syntax;

namespace LilyVM.Assembler.Rules;

/// <summary>What happens to EFLAGS across the rewritten instruction.</summary>
public enum FlagsEffect
{
    /// <summary>All flags survive, as with the instruction itself.</summary>
    Preserved,

    /// <summary>Flags change exactly as the instruction changes them (ZF of <c>verr</c>, everything of <c>popf</c>).</summary>
    AsInstruction,
}

/// <summary>Where an inline form may stand.</summary>
public enum FlagsCondition
{
    /// <summary>Anywhere: it touches no flag.</summary>
    None,

    /// <summary>It changes arithmetic flags: only where they are dead behind it.</summary>
    DeadAfter,

    /// <summary>It shows no arithmetic flags: only where they are undefined before it, at the start of inline assembly.</summary>
    UndefinedBefore,
}

/// <summary>A sequence on the vCPU page that takes the place of a call.</summary>
/// <param name="Template">
/// Its text. <c>{0}</c> is an operand, <c>{%0}</c> the field of the vCPU page for the register that the operand names, <c>{flags}</c> and
/// so on fields by name.
/// </param>
/// <param name="Condition">Where it may stand.</param>
public sealed record InlineText(string Template, FlagsCondition Condition = FlagsCondition.None)
{
    /// <summary>Its length in bytes, where jumps inside keep labels from telling it.</summary>
    public int? Length { get; init; }

    /// <summary>The entry that it calls, or null.</summary>
    public string? Calls { get; init; }
}

/// <summary>One row of the rewrite table: an operand pattern of some mnemonics, and the VM library entry that takes its place.</summary>
/// <param name="Mnemonics">The spellings gas accepts, separated by blanks.</param>
/// <param name="Pattern">
/// Operand classes in AT&amp;T order, separated by commas; docs/rewrites.md explains them. Empty: no operands.
/// </param>
/// <param name="Entry">
/// Entry name; <c>{0}</c>, <c>{1}</c> stand for the register of that operand, <c>{w}</c> for the width letter of the mnemonic or
/// accumulator.
/// </param>
/// <param name="Operands">What follows the call, e.g. <c>M0 V1</c>: kind (memory, value, register) and operand number.</param>
/// <param name="Flags">Effect on EFLAGS.</param>
/// <param name="Registers">Registers and state that change, in words.</param>
/// <param name="MayFault">True when an exception table may name the instruction: the fault is then reported at the call.</param>
public sealed record RewriteRule(
    string Mnemonics,
    string Pattern,
    string Entry,
    string Operands,
    FlagsEffect Flags,
    string Registers,
    bool MayFault)
{
    /// <summary>What may stand in the place of the call, or null.</summary>
    public InlineText? Inline { get; init; }

    /// <summary>
    /// True when a machine that runs the kernel in ring 0 gets the original back although it is a call: only the real instruction can do
    /// it there.
    /// </summary>
    public bool Undone { get; init; }

    private readonly string[] classes = Pattern.Length == 0 ? [] : Pattern.Split(',');

    /// <summary>True when the operands of <paramref name="instruction"/> fit <see cref="Pattern"/>.</summary>
    public bool Matches(Instruction instruction)
    {
        if (instruction.Operands.Count != classes.Length)
            return false;
        for (int i = 0; i < classes.Length; i++)
        {
            if (!Fits(instruction.Operands[i], classes[i]))
                return false;
        }
        return true;
    }

    /// <summary>The entry's name for the given instruction, which must match.</summary>
    public string EntryFor(Instruction instruction)
    {
        string name = Entry;
        for (int i = 0; i < classes.Length; i++)
            name = name.Replace("{" + i + "}", instruction.Operands[i] is { Class: not OperandClass.Memory } o ? NameOf(o) : "",
                StringComparison.Ordinal);
        return name.Contains("{w}", StringComparison.Ordinal) ? name.Replace("{w}", Width(instruction), StringComparison.Ordinal) : name;
    }

    private static string NameOf(Operand operand) => operand.Text.StartsWith('%') ? operand.RegisterName : "";

    // The accumulator decides when it is written: `out %eax,%dx` has no suffix, `outw %ax,%dx` agrees with it.
    private static string Width(Instruction instruction)
    {
        foreach (Operand operand in instruction.Operands)
        {
            switch (operand.Text.ToLowerInvariant())
            {
                case "%al": return "b";
                case "%ax": return "w";
                case "%eax": return "l";
            }
        }
        return instruction.Mnemonic[^1..];
    }

    private static bool Fits(Operand operand, string pattern) => pattern switch
    {
        "r32" => operand.Class == OperandClass.Register32 && operand.RegisterName != "esp",
        "greg" => operand.Class == OperandClass.Register32,
        "g64" => operand.Class == OperandClass.Register64,
        "g32" => operand.Class == OperandClass.Register32,
        "g16" => operand.Class == OperandClass.Register16,
        "r16" => operand.Class == OperandClass.Register16 && operand.RegisterName != "esp",
        "acc" => operand.Text.ToLowerInvariant() is "%al" or "%ax" or "%eax",
        "dx" => operand.Text.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant() is "%dx" or "(%dx)",
        "imm" => operand.Class == OperandClass.Immediate,
        "m" => operand.Class == OperandClass.Memory && operand.Text.Length > 0,
        "ind" => operand.Class == OperandClass.Indirect && !operand.Text[1..].TrimStart().StartsWith('%')
            || (operand.Class == OperandClass.Indirect && operand.Text.Contains(':', StringComparison.Ordinal)),
        "sreg" => operand.Class == OperandClass.SegmentRegister,
        "lseg" => operand.Class == OperandClass.SegmentRegister && operand.RegisterName != "cs",
        "fsgs" => operand.Class == OperandClass.SegmentRegister && operand.RegisterName is "fs" or "gs",
        "creg64" => operand.Class == OperandClass.ControlRegister && operand.RegisterName is "cr0" or "cr2" or "cr3" or "cr4" or "cr8",
        "creg" => operand.Class == OperandClass.ControlRegister && operand.RegisterName is "cr0" or "cr2" or "cr3" or "cr4",
        "dreg" => operand.Class == OperandClass.DebugRegister && operand.RegisterName is ['d', 'r', >= '0' and <= '7'],
        "arg" => operand.Class == OperandClass.MacroArgument,
        _ => throw new InvalidOperationException($"unknown operand class '{pattern}' in the rewrite table"),
    };
}
