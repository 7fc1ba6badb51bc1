using LilyVM.Boot;
using LilyVM.Hypervisor;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Machine;

/// <summary>What --cpu names, hides and refuses.</summary>
public class CpuModelTests
{
    private static readonly CpuidEntry[] Host =
    [
        Entry(1, CpuidEntry.AnySubleaf, ecx: 1u << 26 | 1, edx: 1 << 8 | 1 << 26),
        Entry(7, 0, ebx: 1 << 5),
        Entry(0xD, 0, eax: 3),
        Entry(0xD, 1, eax: 1),
        Entry(0x8000_0001, CpuidEntry.AnySubleaf, edx: 1 << 8 | 1 << 30),
    ];

    [Theory]
    [InlineData("host")]
    [InlineData("max")]
    [InlineData("host,+cx8,+avx2,sse2=on")]
    [InlineData("host,-cx8,+cx8")] // the last word counts
    [InlineData("host,-apic,-sep,-vmx")] // the guest does not see them anyway
    public void The_host_s_processor_stays_as_it_is(string text) => Assert.Equal(Host, CpuModel.Parse(text).Apply(Host));

    [Theory]
    [InlineData("host,-cx8,-avx2")]
    [InlineData("host,cx8=off,avx2=off")]
    [InlineData("host,cx8=false,+avx2,avx2=no")]
    public void Features_are_hidden_where_AMD_repeats_them_too(string text)
    {
        IReadOnlyList<CpuidEntry> guest = CpuModel.Parse(text).Apply(Host);
        Assert.Equal([1u << 26, 0, 0, 0, 1u << 30], guest.Select(e => e.Edx));
        Assert.Equal(0u, guest[1].Ebx);
        Assert.Equal(Host.Select(e => (e.Eax, e.Ecx)), guest.Select(e => (e.Eax, e.Ecx)));
    }

    [Fact]
    public void Other_spellings_are_QEMU_s() =>
        Assert.Equal(["pni", "sse4.1", "sse4.2", "nx", "lahf-lm"],
            CpuModel.Parse("host,-sse3,-sse4_1,-sse4-2,-xd,-lahf_lm").Hidden.Select(f => f.Name));

    [Fact]
    public void Without_XSAVE_there_is_no_state_leaf() =>
        Assert.DoesNotContain(CpuModel.Parse("host,-xsave").Apply(Host), e => e.Leaf == 0xD);

    [Theory]
    [InlineData("", "A guest has the processor of its host, not ''; write host, then features to leave out, such as host,-cx8.")]
    [InlineData("-cx8", "A guest has the processor of its host, not '-cx8'; write host, then features to leave out, such as host,-cx8.")]
    [InlineData("qemu64,-cx8",
        "A guest has the processor of its host, not 'qemu64'; write host, then features to leave out, such as host,-cx8.")]
    [InlineData("host,-cx9", "There is no CPU feature 'cx9'; perhaps cx8 is meant.")]
    [InlineData("host,-ssse", "There is no CPU feature 'ssse'; perhaps sse or ssse3 is meant.")]
    [InlineData("host,-somethingelse", "There is no CPU feature 'somethingelse'; `qemu-system-i386 -cpu help` lists them.")]
    [InlineData("host,", "There is no CPU feature ''; `qemu-system-i386 -cpu help` lists them.")]
    [InlineData("host,cx8=perhaps", "There is no CPU feature 'cx8=perhaps'; `qemu-system-i386 -cpu help` lists them.")]
    [InlineData("host,+apic", "No guest can have the CPU feature apic (the machine has no such device); leave out +apic.")]
    [InlineData("host,pae=on",
        "No guest can have the CPU feature pae (paging beyond 32 bits and 4 MiB pages is not emulated); leave out +pae.")]
    [InlineData("host,+avx512f", "This host's processor has no avx512f that a guest could see; leave out +avx512f.")]
    public void What_is_not_understood_or_cannot_be_had_is_one_sentence(string text, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<LilyVMException>(() => CpuModel.Parse(text, GuestArchitecture.Ia32).Apply(Host)).Message);

    [Fact]
    public void Every_name_is_one_of_QEMU_s_and_names_one_bit()
    {
        Command.Result help = Command.Run("qemu-system-i386", ["-cpu", "help"]);
        HashSet<string> known = [.. help.Output.Split("Recognized CPUID flags:")[1]
            .Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)];
        Assert.All(CpuFeatures.All, f => Assert.Contains(f.Name, known));
        Assert.All(CpuFeatures.All, f => Assert.InRange(f.Bit, 0, 31));
        Assert.Equal(CpuFeatures.All.Count, CpuFeatures.All.Select(f => f.Name).Distinct().Count());
    }

    [Fact]
    public void The_machine_s_guest_gets_what_is_left()
    {
        using var fixture = new MachineFixture();
        using (new VirtualMachine(fixture.Options(_ => []) with { Cpu = "host,-cx8" }))
            Assert.Equal(0u, fixture.Engine.Start.Cpuid.Single(e => e.Leaf == 1).Edx & 1 << 8);
        using (new VirtualMachine(fixture.Options(_ => [])))
            Assert.NotEqual(0u, fixture.Engine.Start.Cpuid.Single(e => e.Leaf == 1).Edx & 1 << 8);
    }

    private static CpuidEntry Entry(uint leaf, uint subleaf, uint eax = 0, uint ebx = 0, uint ecx = 0, uint edx = 0) =>
        new() { Leaf = leaf, Subleaf = subleaf, Eax = eax, Ebx = ebx, Ecx = ecx, Edx = edx };
}
