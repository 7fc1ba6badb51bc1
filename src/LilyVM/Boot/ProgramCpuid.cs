using LilyVM.Hypervisor;

namespace LilyVM.Boot;

/// <summary>
/// What CPUID returns to programs of a guest, who execute it themselves and see the host's processor, where the user engine answers it
/// instead of the host: the leaves that C libraries and compilers' start-up code ask for, unchanged. Those that tell a processor's number
/// only (0BH, 1FH, 8000001EH) are left to the host.
/// </summary>
internal static class ProgramCpuid
{
    private const uint FirstExtended = 0x8000_0000, CacheLeaf = 4, CachesOfAmd = 0x8000_001D;

    // Leaves whose answer depends on ECX, with the values that are constants in such code; the others (SDM vol. 2, CPUID; APM vol. 3, E.4).
    private static readonly (uint Leaf, uint Subleaves)[] WithSubleaves =
        [(CacheLeaf, 4), (7, 3), (0xD, 2), (0x12, 2), (0x14, 2), (CachesOfAmd, 5)];

    private static readonly uint[] Plain = [0, 1, 2, 0x19, .. Enumerable.Range(0, 9).Select(n => FirstExtended + (uint)n), 0x8000_0019,
        0x8000_001A];

    /// <summary>On a host with this CPUID.</summary>
    internal static IReadOnlyList<CpuidEntry> Make(Func<uint, uint, CpuidEntry> host)
    {
        uint last = host(0, 0).Eax, lastExtended = host(FirstExtended, 0).Eax;
        bool IsThere(uint leaf) => leaf <= (leaf < FirstExtended ? last : lastExtended);
        CpuidEntry ForAnySubleaf(uint leaf)
        {
            CpuidEntry entry = host(leaf, 0);
            entry.Subleaf = CpuidEntry.AnySubleaf;
            return entry;
        }
        return
        [
            .. Plain.Where(IsThere).Select(ForAnySubleaf),
            .. WithSubleaves.Where(leaf => IsThere(leaf.Leaf)).SelectMany(leaf => Enumerable.Range(0, (int)leaf.Subleaves)
                .Select(subleaf => host(leaf.Leaf, (uint)subleaf))),
        ];
    }
}
