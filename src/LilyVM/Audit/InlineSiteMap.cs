using LilyVM.Abi;
using LilyVM.Boot;
using LilyVM.Native;

namespace LilyVM.Audit;

/// <summary>The inline forms of a kernel, checked against its code. Their pushf and popf are part of the form and not left over.</summary>
internal sealed class InlineSiteMap
{
    private readonly HashSet<ulong> _addresses = [];
    private readonly List<AuditFinding> _problems = [];

    /// <summary>Sites that the notes name but the code does not have.</summary>
    internal IReadOnlyList<AuditFinding> Problems => _problems;

    internal static InlineSiteMap Check(Elf kernel, ConversionNotes notes)
    {
        var map = new InlineSiteMap();
        foreach (ConvertedSite site in notes.InlineSites)
        {
            int? offset = kernel.FileOffset(site.Address, site.Length);
            bool matches = offset is not null && InlineForm.IsKnownOriginal(site, notes.Architecture) &&
                InlineForm.Matches(kernel.Image.Slice(offset.Value, site.Length), site.Address, notes.Architecture);
            if (!matches)
                map._problems.Add(new AuditFinding(site.Address, ConversionNote.Section, "", AuditFinding.BadCall, "",
                    "the note names an inline site that is not there"));
            for (ulong at = 0; matches && at < site.Length; at++)
                map._addresses.Add(site.Address + at);
        }
        return map;
    }

    /// <summary>Whether an address lies in an inline form.</summary>
    internal bool Contains(ulong address) => _addresses.Contains(address);
}
