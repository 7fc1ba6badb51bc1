using Iced.Intel;
using LilyVM.Abi;
using LilyVM.Boot;

namespace LilyVM.Audit;

/// <summary>
/// Looks for what the preprocessor may have missed: disassembles a linked kernel and reports every sensitive instruction that is left. It
/// knows nothing of assembly text, so it finds what was hidden in <c>.byte</c> directives or behind macro arguments.
/// </summary>
public static class KernelAudit
{
    /// <summary>Audits a kernel.</summary>
    public static AuditReport Run(Elf kernel, IReadOnlyList<AllowEntry> allowList)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ConversionNotes notes = ConversionNotes.Read(kernel);
        InlineSiteMap sites = InlineSiteMap.Check(kernel, notes);
        var findings = new List<AuditFinding>(sites.Problems);
        var calls = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var formatter = new GasFormatter();
        long instructions = 0;
        foreach (PlacedInstruction placed in CodeWalker.Walk(kernel, notes.Architecture))
        {
            instructions++;
            (string Name, string Why)? problem = Examine(kernel, notes.Architecture, placed, sites, calls);
            if (problem is null)
                continue;
            var text = new StringOutput();
            formatter.Format(placed.Instruction, text);
            findings.Add(new AuditFinding(placed.Instruction.IP, placed.Section.Name, placed.Symbol, problem.Value.Name,
                text.ToStringAndReset(), problem.Value.Why));
        }

        var judged = findings.Select(f => (Finding: f, Entry: f.Name == AuditFinding.BadCall
            ? null
            : allowList.FirstOrDefault(e => e.Covers(f)))).ToList();
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
    public static long TextBytes(Elf kernel) => kernel.Sections.Where(s => s.IsExecutable).Sum(s => (long)s.Size);

    private static (string Name, string Why)? Examine(
        Elf kernel, GuestArchitecture architecture, PlacedInstruction placed, InlineSiteMap sites, SortedDictionary<string, int> calls)
    {
        Instruction instruction = placed.Instruction;
        if (instruction.IsInvalid)
            return (AuditFinding.Undecodable, "no instruction; data in the text needs a symbol of type object");
        if (CallSites.IsBranchToVmArea(instruction, architecture))
        {
            (LibraryEntry? entry, string? problem) =
                CallSites.Check(instruction, placed.Section, kernel.Bytes(placed.Section), architecture);
            if (entry is not null)
                calls[entry.Name] = calls.GetValueOrDefault(entry.Name) + 1;
            return problem is null ? null : (AuditFinding.BadCall, problem);
        }
        if (SensitiveInstructions.Of(architecture).Classify(instruction) is not { } found || sites.Contains(instruction.IP))
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

    private static string? Problem(Elf kernel)
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
