using Iced.Intel;
using LilyVM.Abi;
using LilyVM.Boot;

namespace LilyVM.Audit;

/// <summary>
/// Looks for what the preprocessor may have missed: disassembles a linked kernel and reports every sensitive instruction that is left. It knows
/// nothing of assembly text, so it finds what was hidden in <c>.byte</c> directives or behind macro arguments.
/// </summary>
public static class KernelAudit
{
    private const int LongestOperands = 32; // two NOPs of at most 15 bytes

    /// <summary>Audits a kernel.</summary>
    public static AuditReport Run(Elf32 kernel, IReadOnlyList<AllowEntry> allowList)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ConversionNotes notes = ConversionNotes.Read(kernel);
        InlineSiteMap sites = InlineSiteMap.Check(kernel, notes);
        var findings = new List<AuditFinding>(sites.Problems);
        var calls = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var formatter = new GasFormatter();
        long instructions = 0;
        foreach (PlacedInstruction placed in CodeWalker.Walk(kernel))
        {
            instructions++;
            (string Name, string Why)? problem = Examine(kernel, placed, sites, calls);
            if (problem is null)
                continue;
            var text = new StringOutput();
            formatter.Format(placed.Instruction, text);
            findings.Add(new AuditFinding(placed.Instruction.IP32, placed.Section.Name, placed.Symbol, problem.Value.Name, text.ToStringAndReset(), problem.Value.Why));
        }

        var judged = findings.Select(f => (Finding: f, Entry: f.Name == AuditFinding.BadCall ? null : allowList.FirstOrDefault(e => e.Covers(f)))).ToList();
        var used = judged.Select(j => j.Entry).ToHashSet();
        return new AuditReport(
            kernel.FileName,
            notes,
            Problem(kernel),
            [.. judged.Where(j => j.Entry is null).Select(j => j.Finding)],
            [.. judged.Where(j => j.Entry is not null).Select(j => (j.Finding, j.Entry!))],
            [.. allowList.Where(e => !used.Contains(e))],
            calls,
            instructions,
            TextBytes(kernel));
    }

    /// <summary>Size of all executable sections, to compare a converted kernel with an unconverted one.</summary>
    public static long TextBytes(Elf32 kernel) => kernel.Sections.Where(s => s.IsExecutable).Sum(s => (long)s.Size);

    private static (string Name, string Why)? Examine(Elf32 kernel, PlacedInstruction placed, InlineSiteMap sites, SortedDictionary<string, int> calls)
    {
        Instruction instruction = placed.Instruction;
        if (instruction.IsInvalid)
            return (AuditFinding.Undecodable, "no instruction; data in the text needs a symbol of type object");
        if (CallSites.IsBranchToVmArea(instruction))
        {
            ReadOnlyMemory<byte> bytes = kernel.Bytes(placed.Section);
            int next = (int)(instruction.NextIP32 - placed.Section.Address);
            (LibraryEntry? entry, string? problem) = CallSites.Check(instruction, bytes.Slice(next, Math.Min(LongestOperands, bytes.Length - next)));
            if (entry is not null)
                calls[entry.Name] = calls.GetValueOrDefault(entry.Name) + 1;
            return problem is null ? null : (AuditFinding.BadCall, problem);
        }
        if (SensitiveInstructions.Classify(instruction) is not { } found || sites.Contains(instruction.IP32))
            return null;
        return (found.Name, found.Why switch
        {
            Sensitivity.InterruptFlag => "touches the interrupt flag",
            Sensitivity.Segments => "shows or uses segments that are not the guest's",
            Sensitivity.Privileged => "faults outside ring 0",
            Sensitivity.Ports => "reaches device ports",
            Sensitivity.Transfer => "leaves through a gate or far transfer",
            _ => "asks the host's CPU",
        });
    }

    private static string? Problem(Elf32 kernel)
    {
        try
        {
            ConversionNotes.RequireConverted(kernel);
            return null;
        }
        catch (LilyVMException e)
        {
            return e.Message;
        }
    }
}
