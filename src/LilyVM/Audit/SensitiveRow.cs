using Iced.Intel;

namespace LilyVM.Audit;

/// <summary>One sensitive instruction of a table.</summary>
/// <param name="Name">Its name in findings and allow-lists.</param>
/// <param name="Why">What is wrong with it.</param>
/// <param name="Mnemonics">What the disassembler calls its widths.</param>
internal sealed record SensitiveRow(string Name, Sensitivity Why, params Mnemonic[] Mnemonics)
{
    /// <summary>Instructions of one kind that the disassembler calls what the assembler does.</summary>
    internal static IEnumerable<SensitiveRow> Plain(Sensitivity why, params Mnemonic[] mnemonics) =>
        mnemonics.Select(m => new SensitiveRow(m.ToString().ToLowerInvariant(), why, m));
}
