using System.Text;
using LilyVM.Assembler.Rules;
using LilyVM.Assembler.Statistics;
using LilyVM.Assembler.Syntax;

namespace LilyVM.Assembler;

/// <summary>
/// Sensitive mnemonics that reach their place as macro arguments (<c>op_safe_regs rdmsr</c> with <c>\op</c> in the body). No text stands there to
/// rewrite, so the mnemonic itself is redefined: gas looks for a macro of that name before it looks for an instruction.
/// </summary>
internal sealed class MacroMnemonics
{
    // gas takes macro names in any case.
    private readonly Dictionary<string, bool> macros = new(StringComparer.OrdinalIgnoreCase);
    private readonly SortedSet<string> redefined = new(StringComparer.Ordinal);

    /// <summary>Mnemonics that <see cref="Prologue"/> redefines.</summary>
    public IReadOnlyCollection<string> Redefined => redefined;

    /// <summary>Finds the macros that a file defines, and which of them take a mnemonic as an argument.</summary>
    public static MacroMnemonics Collect(string source, List<Statement> statements)
    {
        var result = new MacroMnemonics();
        string current = "";
        foreach (Statement statement in statements)
        {
            if (statement.Kind == StatementKind.Directive && Instruction.FirstWord(statement.Text(source)) is ".macro")
            {
                current = Instruction.FirstWord(statement.Text(source)[".macro".Length..].TrimStart()).ToString();
                result.macros[current] = false;
            }
            else if (statement.Kind == StatementKind.Substitution && current.Length > 0)
            {
                result.macros[current] = true;
            }
        }
        return result;
    }

    /// <summary>True when the file defines a macro of this name.</summary>
    public bool IsDefined(ReadOnlySpan<char> name) =>
        macros.Count > 0 && macros.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey(name);

    /// <summary>Looks for bare sensitive mnemonics among the arguments of a macro invocation or of <c>.irp</c>.</summary>
    public void NoteArguments(ReadOnlySpan<char> statement, ConversionStatistics statistics)
    {
        ReadOnlySpan<char> name = Instruction.FirstWord(statement);
        bool takesMnemonics = name is ".irp" || (macros.Count > 0 && macros.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out bool takes) && takes);
        if (!takesMnemonics)
            return;
        foreach (string argument in statement[name.Length..].ToString().Split([' ', '\t', ',', '='], StringSplitOptions.RemoveEmptyEntries))
        {
            if (RewriteRules.WithoutOperands(argument) is not null)
            {
                redefined.Add(argument);
                statistics.CountRewritten(argument);
            }
        }
    }

    /// <summary>Macro definitions to put before the text.</summary>
    public string Prologue()
    {
        var text = new StringBuilder();
        foreach (string mnemonic in redefined)
            text.Append(".macro ").Append(mnemonic).Append("\n\tcall ").Append(EntrySymbol(mnemonic)).Append("\n.endm\n");
        return text.ToString();
    }

    /// <summary>The library entry behind a redefined mnemonic.</summary>
    public static string EntrySymbol(string mnemonic) => "lily_" + RewriteRules.WithoutOperands(mnemonic)!.Entry.Replace("{w}", mnemonic[^1..], StringComparison.Ordinal);
}
