using LilyVM.Boot;

namespace LilyVM.Audit;

/// <summary>Something in a kernel that would not run right outside ring 0.</summary>
/// <param name="Address">Guest virtual address.</param>
/// <param name="Section">Section.</param>
/// <param name="Symbol">The symbol before it, or the section in brackets.</param>
/// <param name="Name">Name of the instruction for allow-lists, <see cref="Undecodable"/> or <see cref="BadCall"/>.</param>
/// <param name="Text">Disassembly.</param>
/// <param name="Why">What is wrong, in a few words.</param>
public sealed record AuditFinding(ulong Address, string Section, string Symbol, string Name, string Text, string Why)
{
    /// <summary>Name of bytes that are no instruction: what follows them may have been misread up to the next symbol.</summary>
    public const string Undecodable = "undecodable";

    /// <summary>Name of a call into the VM area that no image of the library would understand; cannot be allowed.</summary>
    public const string BadCall = "bad-call";
}

/// <summary>The result of auditing a kernel.</summary>
/// <param name="FileName">The kernel.</param>
/// <param name="Notes">What its conversion notes say.</param>
/// <param name="NoteProblem">Why loaders would refuse it, or null.</param>
/// <param name="Findings">What is wrong, by address.</param>
/// <param name="Allowed">What the allow-list covers, with the entry that does.</param>
/// <param name="UnusedEntries">Entries of the allow-list that cover nothing.</param>
/// <param name="Calls">Calls into the VM library by entry name.</param>
/// <param name="Instructions">Number of instructions read.</param>
/// <param name="TextBytes">Size of all executable sections.</param>
public sealed record AuditReport(
    string FileName,
    ConversionNotes Notes,
    string? NoteProblem,
    IReadOnlyList<AuditFinding> Findings,
    IReadOnlyList<(AuditFinding Finding, AllowEntry Entry)> Allowed,
    IReadOnlyList<AllowEntry> UnusedEntries,
    IReadOnlyDictionary<string, int> Calls,
    long Instructions,
    long TextBytes)
{
    /// <summary>Whether the kernel may be installed.</summary>
    public bool Passed => Findings.Count == 0 && NoteProblem is null;
}
