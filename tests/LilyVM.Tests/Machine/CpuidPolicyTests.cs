using LilyVM.Boot;
using LilyVM.Hypervisor;

namespace LilyVM.Tests.Machine;

/// <summary>What the guest sees of a host's processor.</summary>
public class CpuidPolicyTests
{
    private const uint AllState = 0xFFFF_FFFF;

    // A host on which every bit of every leaf is set, but for counts that must be sensible.
    private static CpuidEntry Everything(uint leaf, uint subleaf) => (leaf, subleaf) switch
    {
        (0, _) => Entry(leaf, subleaf, 0x20, 0x756e6547, 0x6c65746e, 0x49656e69),
        (4, < 3) => Entry(leaf, subleaf, 0xFFFF_FFE1 | subleaf, 1, 2, 3),
        (4, _) => Entry(leaf, subleaf, 0, 0, 0, 0),
        (0xD, 2) => Entry(leaf, subleaf, 256, 576, 0, 0),
        (0xD, 5) => Entry(leaf, subleaf, 64, 1088, 0, 0),
        (0xD, 6) => Entry(leaf, subleaf, 512, 1152, 2, 0),
        (0xD, 7) => Entry(leaf, subleaf, 1024, 1664, 2, 0),
        (0xD, 9) => Entry(leaf, subleaf, 8, 2688, 0, 0),
        (0x8000_0000, _) => Entry(leaf, subleaf, 0x8000_0021, 1, 2, 3),
        _ => Entry(leaf, subleaf, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue),
    };

    [Fact]
    public void What_kernels_would_misuse_is_hidden_and_what_programs_use_stays()
    {
        IReadOnlyList<CpuidEntry> guest = CpuidPolicy.Make(Everything, () => AllState, GuestArchitecture.Ia32);
        // APIC, SEP, PAE, MCE, MTRR, PAT hidden; FPU, DE, PSE, TSC, MSR, CX8, PGE, CMOV, CLFLUSH, MMX, FXSR, SSE, SSE2 shown.
        const uint Hidden = 1 << 9 | 1 << 11 | 1 << 6 | 1 << 7 | 1 << 12 | 1 << 16,
            Shown = 1 | 0x3C | 1 << 8 | 1 << 13 | 1 << 15 | 1 << 19 | 0x0780_0000;
        CpuidEntry features = Find(guest, 1);
        Assert.Equal((0u, Shown), (features.Edx & Hidden, features.Edx & Shown));
        // XSAVE AVX RDRAND POPCNT, and a hypervisor.
        Assert.Equal(1u << 26 | 1 << 28 | 1 << 30 | 1 << 23 | 1u << 31,
            features.Ecx & (1u << 26 | 1 << 28 | 1 << 30 | 1 << 23 | 1u << 31 | 1 << 21 | 1 << 27));
        Assert.Equal((0u, 1u), (features.Ebx >> 24, features.Ebx >> 16 & 0xFF));
        CpuidEntry structured = Find(guest, 7);
        // AVX2 AVX512F, not SMEP SMAP FSGSBASE.
        Assert.Equal(1u << 5 | 1 << 16, structured.Ebx & (1u << 5 | 1 << 16 | 1 << 7 | 1 << 20 | 1));
        CpuidEntry extended = Find(guest, 0x8000_0001);
        Assert.Equal(0u, extended.Edx & (1u << 29 | 1 << 11 | 1 << 20 | 1 << 27));
    }

    [Fact]
    public void The_state_leaf_offers_only_what_the_guest_can_have_with_matching_sizes()
    {
        IReadOnlyList<CpuidEntry> guest = CpuidPolicy.Make(Everything, () => 0x2E7, GuestArchitecture.Ia32); // with PKRU, which is hidden
        Assert.Equal((0xE7u, 2688u, 2688u, 0u), Values(Find(guest, 0xD)));
        CpuidEntry instructions = Find(guest, 0xD, 1);
        Assert.Equal(0u, instructions.Eax & 0b11000); // XSAVES XFD
        // 832 + 64 = 896 is a multiple of 64.
        Assert.Equal((576u + 256 + 64 + 512 + 1024, 0u, 0u), (instructions.Ebx, instructions.Ecx, instructions.Edx));
        Assert.Equal([0u, 1, 2, 5, 6, 7], guest.Where(e => e.Leaf == 0xD).Select(e => e.Subleaf));

        guest = CpuidPolicy.Make(Everything, () => 7, GuestArchitecture.Ia32);
        Assert.Equal((7u, 832u, 832u, 0u), Values(Find(guest, 0xD)));
    }

    [Fact]
    public void A_host_without_XSAVE_gives_none()
    {
        static CpuidEntry Without(uint leaf, uint subleaf)
        {
            CpuidEntry entry = Everything(leaf, subleaf);
            if (leaf == 1)
                entry.Ecx &= ~(1u << 27);
            return entry;
        }

        IReadOnlyList<CpuidEntry> guest =
            CpuidPolicy.Make(Without, () => throw new InvalidOperationException("XGETBV is undefined there."), GuestArchitecture.Ia32);
        Assert.DoesNotContain(guest, e => e.Leaf == 0xD);
        Assert.Equal(0u, Find(guest, 1).Ecx & 1 << 26);
    }

    [Fact]
    public void Leaves_are_one_processor_s_and_fit_the_engine_s_table()
    {
        foreach (IReadOnlyList<CpuidEntry> guest in (IReadOnlyList<CpuidEntry>[])[CpuidPolicy.ForThisHost(GuestArchitecture.Ia32),
            CpuidPolicy.Make(Everything, () => AllState, GuestArchitecture.Ia32)])
        {
            Assert.InRange(guest.Count, 8, 64);
            Assert.Equal(guest.Count, guest.Select(e => (e.Leaf, e.Subleaf)).Distinct().Count());
            Assert.All(guest, e => Assert.True(e.Leaf is <= 0xD or >= 0x8000_0000 and <= 0x8000_0008, $"leaf {e.Leaf:x}"));
            Assert.All(guest, e => Assert.True(e.Leaf is not (5 or 6 or 9 or 0xA or 0xB), $"leaf {e.Leaf:x}"));
            Assert.Equal(0xDu, Find(guest, 0).Eax);
            Assert.All(guest.Where(e => e.Leaf == 4), e => Assert.Equal(0u, e.Eax >> 14));
        }
    }

    [Fact]
    public void This_host_s_vendor_and_name_are_shown()
    {
        IReadOnlyList<CpuidEntry> guest = CpuidPolicy.ForThisHost(GuestArchitecture.Ia32);
        string cpu = File.ReadLines("/proc/cpuinfo").First(l => l.StartsWith("vendor_id", StringComparison.Ordinal)).Split(": ")[1];
        CpuidEntry vendor = Find(guest, 0);
        Assert.Equal(cpu, string.Concat(((uint[])[vendor.Ebx, vendor.Edx, vendor.Ecx]).SelectMany(BitConverter.GetBytes)
            .Select(b => (char)b)));
        Assert.Equal(3u, Find(guest, 0xD).Eax & 3); // every x86-64 host enables x87 and SSE
    }

    [Fact]
    public void An_x86_64_guest_sees_what_its_kernel_needs_and_nothing_that_the_conversion_leaves_alone()
    {
        bool Hides(string name, GuestArchitecture architecture) => CpuidMasks.Hides(architecture, CpuFeatures.Find(name)!);
        string[] needed = ["lm", "nx", "syscall", "pae", "pdpe1gb"], common = ["xsave", "avx2", "pge", "cx16", "sse4.2"];
        string[] dangerous = ["smap", "smep", "umip", "xsaves", "invpcid", "pcid", "monitor", "waitpkg", "pku", "la57", "mce", "mtrr",
            "x2apic", "tsc-deadline", "fsgsbase"];
        Assert.All(needed, f => Assert.Equal((true, false), (Hides(f, GuestArchitecture.Ia32), Hides(f, GuestArchitecture.X64))));
        Assert.All(common, f => Assert.Equal((false, false), (Hides(f, GuestArchitecture.Ia32), Hides(f, GuestArchitecture.X64))));
        Assert.All(dangerous, f => Assert.Equal((true, true), (Hides(f, GuestArchitecture.Ia32), Hides(f, GuestArchitecture.X64))));
        CpuidEntry sizes = Find(CpuidPolicy.Make(Everything, () => AllState, GuestArchitecture.X64), 0x8000_0008);
        Assert.Equal(0x3028u, sizes.Eax);
        Assert.Equal(0x2020u, Find(CpuidPolicy.Make(Everything, () => AllState), 0x8000_0008).Eax);
    }

    [Fact]
    public void Every_hidden_bit_has_a_name_and_a_reason()
    {
        Assert.All(CpuidMasks.All, row =>
        {
            Assert.NotEmpty(row.Reason);
            Assert.True(row.Bits.Length >= row.Names.Split(' ').Length, row.Names);
            Assert.All(row.Bits, bit => Assert.InRange(bit, 0, 31));
        });
        Assert.DoesNotContain(CpuidMasks.All.Where(r => r.AppliesTo(GuestArchitecture.Ia32))
            .SelectMany(r => r.Bits.Select(b => (r.Leaf, r.Subleaf, r.Register, b))).GroupBy(b => b), g => g.Count() > 1);
    }

    private static CpuidEntry Entry(uint leaf, uint subleaf, uint eax, uint ebx, uint ecx, uint edx) =>
        new() { Leaf = leaf, Subleaf = subleaf, Eax = eax, Ebx = ebx, Ecx = ecx, Edx = edx };

    private static (uint, uint, uint, uint) Values(CpuidEntry entry) => (entry.Eax, entry.Ebx, entry.Ecx, entry.Edx);

    private static CpuidEntry Find(IReadOnlyList<CpuidEntry> table, uint leaf, uint subleaf = 0) =>
        table.Single(e => e.Leaf == leaf && (e.Subleaf == subleaf || e.Subleaf == CpuidEntry.AnySubleaf));
}
