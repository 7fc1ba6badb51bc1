using System.Text.RegularExpressions;

namespace LilyVM.Assembler.Emission;

/// <summary>
/// Notices code that was compiled with a red zone (System V psABI for x86-64, 3.2.2): it keeps variables below RSP, where a call writes.
/// It can be seen where one function does both: has operands below RSP, and a call in the place of an instruction.
/// </summary>
internal sealed partial class RedZone
{
    /// <summary>What the assembler shall say, once for an object.</summary>
    public const string Warning = ".warning \"variables below RSP (a red zone) and calls of the VM library in one function: compile " +
        "the kernel with -mno-red-zone\"; ";

    private bool uses;
    private bool calls;
    private bool told;

    /// <summary>True for an instruction with an operand below RSP; <c>lea</c> only computes.</summary>
    public static bool IsUsedBy(ReadOnlySpan<char> mnemonic, ReadOnlySpan<char> text) =>
        text.Contains("(%rsp", StringComparison.Ordinal) && !mnemonic.StartsWith("lea") && BelowStack().IsMatch(text);

    /// <summary>A label: a new function, unless it is a local one.</summary>
    public void Enter(ReadOnlySpan<char> label)
    {
        if (label[0] != '.' && !char.IsAsciiDigit(label[0]))
            uses = calls = false;
    }

    /// <summary>Notes an operand below RSP. True when that is to be told.</summary>
    public bool Uses() => Tell(uses = true);

    /// <summary>Notes a call. True when that is to be told.</summary>
    public bool Calls() => Tell(calls = true);

    private bool Tell(bool _)
    {
        bool tell = uses && calls && !told;
        told |= tell;
        return tell;
    }

    [GeneratedRegex(@"-\d+\(%rsp")]
    private static partial Regex BelowStack();
}
