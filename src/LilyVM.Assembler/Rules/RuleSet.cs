using LilyVM.Abi;
using LilyVM.Assembler.Syntax;

namespace LilyVM.Assembler.Rules;

/// <summary>
/// What the preprocessor knows of one architecture: its rewrite table, and where things lie in its VM area. The first row that matches
/// wins; a sensitive mnemonic that no row matches is an error.
/// </summary>
public sealed class RuleSet
{
    // Sensitive with a system register, and with two operands: a selector and an offset.
    private static readonly HashSet<string> Moves = ["mov", "movw", "movl", "movq", "movabs", "movabsq", "push", "pushw", "pushl",
        "pushq", "pop", "popw", "popl", "popq"];
    private static readonly HashSet<string> Transfers = ["jmp", "jmpw", "jmpl", "jmpq", "call", "callw", "calll", "callq"];

    private readonly Dictionary<string, List<RewriteRule>> byMnemonic = new(StringComparer.Ordinal);

    private RuleSet(IReadOnlyList<RewriteRule> rows, IReadOnlyList<string> rejected)
    {
        All = rows;
        Rejected = rejected;
        foreach (RewriteRule rule in rows)
        {
            foreach (string mnemonic in rule.Mnemonics.Split(' '))
            {
                if (!byMnemonic.TryGetValue(mnemonic, out List<RewriteRule>? rules))
                    byMnemonic.Add(mnemonic, rules = []);
                rules.Add(rule);
            }
        }
        foreach (string mnemonic in rejected.Concat(Moves).Concat(Transfers))
            byMnemonic.TryAdd(mnemonic, []);
    }

    /// <summary>32-bit code.</summary>
    public static RuleSet Ia32 { get; } = new(Rules.Ia32.RewriteTable.All, Rules.Ia32.RewriteTable.Rejected)
    {
        Name = "IA-32",
        Bits = 32,
        Entries = LibraryEntries.Table,
        AbiVersion = VmArea.AbiVersion,
        NoteType = ConversionNote.Type,
    };

    /// <summary>64-bit code.</summary>
    public static RuleSet X64 { get; } = new(Rules.X64.RewriteTable.All, Rules.X64.RewriteTable.Rejected)
    {
        Name = "x86-64",
        Bits = 64,
        Entries = Abi.X64.LibraryEntries.Table,
        AbiVersion = Abi.X64.VmArea.AbiVersion,
        NoteType = ConversionNote.TypeX64,
    };

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Size of the code that the rules apply to. Code of other sizes in the same file stays as it is.</summary>
    public required int Bits { get; init; }

    /// <summary>The jump table.</summary>
    public required EntryTable Entries { get; init; }

    /// <summary>Version of the ABI, for the note.</summary>
    public required uint AbiVersion { get; init; }

    /// <summary>Type of the conversion note.</summary>
    public required uint NoteType { get; init; }

    /// <summary>All rows.</summary>
    public IReadOnlyList<RewriteRule> All { get; }

    /// <summary>Mnemonics that are sensitive although no row accepts their form.</summary>
    public IReadOnlyList<string> Rejected { get; }

    /// <summary>The rules of the code size that the assembler starts in.</summary>
    public static RuleSet For(int bits) => bits == 64 ? X64 : Ia32;

    /// <summary>True for <c>mov</c>, <c>push</c> and <c>pop</c> of any size: sensitive when they name a system register.</summary>
    public static bool IsMove(ReadOnlySpan<char> mnemonic) => Moves.GetAlternateLookup<ReadOnlySpan<char>>().Contains(mnemonic);

    /// <summary>True for <c>jmp</c> and <c>call</c> of any size: far, and so sensitive, when they have two operands.</summary>
    public static bool IsTransfer(ReadOnlySpan<char> mnemonic) => Transfers.GetAlternateLookup<ReadOnlySpan<char>>().Contains(mnemonic);

    /// <summary>The rows of a mnemonic, empty for a rejected one, null for an instruction that is not sensitive.</summary>
    public IReadOnlyList<RewriteRule>? For(ReadOnlySpan<char> mnemonic) =>
        byMnemonic.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(mnemonic, out List<RewriteRule>? rules) ? rules : null;

    /// <summary>
    /// True when a mnemonic is sensitive in every form; <c>mov</c>, <c>push</c>, <c>pop</c>, <c>jmp</c> and <c>call</c> depend on their
    /// operands.
    /// </summary>
    public bool IsAlwaysSensitive(ReadOnlySpan<char> mnemonic) => For(mnemonic) is not null && !IsMove(mnemonic) && !IsTransfer(mnemonic);

    /// <summary>True when an instruction must not reach the machine as it is, whether or not a row takes it.</summary>
    public bool IsSensitive(Instruction instruction) =>
        IsAlwaysSensitive(instruction.Mnemonic)
        || instruction.Operands.Any(o => o.IsSystemRegister)
        || (IsTransfer(instruction.Mnemonic) && instruction.Operands.Count == 2);

    /// <summary>The row that takes no operands, if the mnemonic has one.</summary>
    public RewriteRule? WithoutOperands(ReadOnlySpan<char> mnemonic)
    {
        foreach (RewriteRule rule in For(mnemonic) ?? [])
        {
            if (rule.Pattern.Length == 0)
                return rule;
        }
        return null;
    }

    /// <summary>Finds the row for an instruction.</summary>
    public RewriteRule? Find(Instruction instruction)
    {
        foreach (RewriteRule rule in For(instruction.Mnemonic) ?? [])
        {
            if (rule.Matches(instruction))
                return rule;
        }
        return null;
    }
}
