using LilyVM.Boot;
using LilyVM.Hypervisor;

namespace LilyVM.Tests.Machine;

/// <summary>What the user engine may answer to programs instead of the host.</summary>
public sealed class ProgramCpuidTests
{
    private const uint Extended = 0x8000_0000;

    [Fact]
    public void Leaves_are_those_of_the_host_and_none_beyond_its_last()
    {
        IReadOnlyList<CpuidEntry> entries = ProgramCpuid.Make(Host(last: 7, lastExtended: Extended + 4));
        Assert.Equal<uint>([0, 1, 2, 4, 7, Extended, Extended + 1, Extended + 2, Extended + 3, Extended + 4],
            entries.Select(e => e.Leaf).Distinct().Order());
        Assert.All(entries, e => Assert.Equal((e.Leaf * 2, e.Leaf * 3), (e.Ecx, e.Edx)));
    }

    [Fact]
    public void Where_ECX_matters_each_subleaf_is_an_answer_of_its_own()
    {
        IReadOnlyList<CpuidEntry> entries = ProgramCpuid.Make(Host(last: 0x20, lastExtended: Extended + 0x21));
        Assert.Equal([0u, 1, 2], entries.Where(e => e.Leaf == 7).Select(e => e.Subleaf));
        Assert.All(entries.Where(e => e.Leaf is 4 or 7 or 0xD or 0x8000_001D), e => Assert.Equal(e.Subleaf, e.Ebx));
        Assert.Equal(CpuidEntry.AnySubleaf, Assert.Single(entries, e => e.Leaf == 1).Subleaf);
        Assert.True(entries.Count <= CpuidTable.Capacity);
    }

    [Fact]
    public void The_number_of_a_processor_is_left_to_the_host() =>
        Assert.DoesNotContain(ProgramCpuid.Make(Host(last: 0x20, lastExtended: Extended + 0x21)),
            e => e.Leaf is 0xB or 0x1F or 0x8000_001E);

    private static Func<uint, uint, CpuidEntry> Host(uint last, uint lastExtended) => (leaf, subleaf) => new CpuidEntry
    {
        Leaf = leaf,
        Subleaf = subleaf,
        Eax = leaf == 0 ? last : leaf == Extended ? lastExtended : 5,
        Ebx = subleaf,
        Ecx = leaf * 2,
        Edx = leaf * 3,
    };
}
