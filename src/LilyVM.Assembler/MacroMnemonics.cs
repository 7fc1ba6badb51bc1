using System.Text;
using LilyVM.Abi;
using LilyVM.Assembler.Emission;
using LilyVM.Assembler.Rules;
using LilyVM.Assembler.Statistics;
using LilyVM.Assembler.Syntax;

namespace LilyVM.Assembler;

/// <summary>
/// Sensitive mnemonics that reach their place as macro arguments (<c>op_safe_regs rdmsr</c> with <c>\op</c> in the body). No text stands
/// there to rewrite, so the mnemonic itself is redefined: gas looks for a macro of that name before it looks for an instruction.
/// </summary>
internal sealed class MacroMnemonics(RuleSet rules)
{
    private const string Composed = "a sensitive mnemonic with operands is a macro argument: write the instruction out";
    private const string NamedRegister = "a system register is a macro argument that the macro moves, pushes or pops: write the " +
        "instruction out";

    [Flags]
    private enum Takes
    {
        Nothing = 0,
        Mnemonic = 1, // `\op` begins a statement
        Register = 2, // `mov %eax,\reg`, `push %\reg`
    }

    // gas takes macro names in any case.
    private readonly Dictionary<string, Takes> macros = new(StringComparer.OrdinalIgnoreCase);
    private readonly SortedSet<string> redefined = new(StringComparer.Ordinal);

    /// <summary>Mnemonics that <see cref="Prologue"/> redefines.</summary>
    public IReadOnlyCollection<string> Redefined => redefined;

    /// <summary>Finds the macros that a file defines, and which of them take a mnemonic as an argument.</summary>
    public static MacroMnemonics Collect(string source, List<Statement> statements, RuleSet rules)
    {
        var result = new MacroMnemonics(rules);
        string current = "";
        foreach (Statement statement in statements)
        {
            if (statement.Kind == StatementKind.Directive && Instruction.FirstWord(statement.Text(source)) is ".macro")
            {
                current = Instruction.FirstWord(statement.Text(source)[".macro".Length..].TrimStart()).ToString();
                result.macros[current] = Takes.Nothing;
            }
            else if (Instruction.FirstWord(statement.Text(source)) is ".endm")
            {
                current = "";
            }
            else if (current.Length > 0)
            {
                result.macros[current] |= Use(statement, source);
            }
        }
        return result;
    }

    private static Takes Use(Statement statement, string source)
    {
        ReadOnlySpan<char> text = statement.Text(source);
        if (statement.Kind == StatementKind.Substitution)
            return Takes.Mnemonic;
        if (statement.Kind != StatementKind.Instruction || !text.Contains('\\'))
            return Takes.Nothing;
        Instruction instruction = Instruction.Parse(text);
        bool moves = RuleSet.IsMove(instruction.Mnemonic) && instruction.Operands.Any(IsArgument);
        return moves ? Takes.Register : Takes.Nothing;
    }

    /// <summary>True when the file defines a macro of this name.</summary>
    public bool IsDefined(ReadOnlySpan<char> name) =>
        macros.Count > 0 && macros.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey(name);

    /// <summary>
    /// Looks for bare sensitive mnemonics among the arguments of a macro invocation or of <c>.irp</c>. Returns what cannot be converted
    /// there, or null.
    /// </summary>
    public string? NoteArguments(ReadOnlySpan<char> statement, ConversionStatistics statistics)
    {
        ReadOnlySpan<char> name = Instruction.FirstWord(statement);
        Takes takes = name is ".irp" ? Takes.Mnemonic | Takes.Register
            : macros.Count > 0 && macros.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out Takes known)
                ? known : Takes.Nothing;
        if (takes == Takes.Nothing)
            return null;
        string? problem = null;
        string[] arguments = statement[name.Length..].ToString().Split([' ', '\t', ',', '='], StringSplitOptions.RemoveEmptyEntries);
        foreach (string argument in arguments)
        {
            string mnemonic = Instruction.MnemonicOf(argument);
            if (takes.HasFlag(Takes.Mnemonic) && rules.WithoutOperands(mnemonic) is not null)
            {
                redefined.Add(mnemonic);
                statistics.CountRewritten(mnemonic);
            }
            else if (takes.HasFlag(Takes.Mnemonic) && arguments.Length > 1 && rules.IsAlwaysSensitive(mnemonic))
            {
                problem = Composed;
            }
            else if (IsSystemRegister(argument))
            {
                problem = NamedRegister;
            }
        }
        return problem;
    }

    private static bool IsArgument(Operand operand) =>
        operand.Class == OperandClass.MacroArgument || operand.Text.StartsWith("%\\", StringComparison.Ordinal);

    private static bool IsSystemRegister(string argument) => Operand.Parse("%" + argument.Trim('"', '%', '(', ')')).IsSystemRegister;

    /// <summary>Macro definitions to put before the text.</summary>
    public string Prologue()
    {
        var text = new StringBuilder();
        foreach (string mnemonic in redefined)
            text.Append(".macro ").Append(mnemonic).Append("\n\t").Append(
                CallForm.Reach(EntryOf(mnemonic), absolute: false)).Append("\n.endm\n");
        return text.ToString();
    }

    /// <summary>The library entry behind a redefined mnemonic.</summary>
    public LibraryEntry EntryOf(string mnemonic) =>
        CallForm.Entry(rules.WithoutOperands(mnemonic)!.Entry.Replace("{w}", mnemonic[^1..], StringComparison.Ordinal), rules);
}
