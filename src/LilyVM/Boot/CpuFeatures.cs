using static LilyVM.Boot.CpuidRegister;

namespace LilyVM.Boot;

/// <summary>A feature bit of CPUID.</summary>
/// <param name="Name">QEMU's name.</param>
/// <param name="Leaf">EAX on input.</param>
/// <param name="Subleaf">ECX on input; 0 where it does not matter.</param>
/// <param name="Register">Where the bit is.</param>
/// <param name="Bit">Its number.</param>
internal sealed record CpuFeature(string Name, uint Leaf, uint Subleaf, CpuidRegister Register, int Bit);

/// <summary>
/// The names of CPUID's feature bits as QEMU spells them (`qemu-system-i386 -cpu help`), in the leaves that a guest sees. Numbers: SDM vol.
/// 2, CPUID; AMD64 Architecture Programmer's Manual vol. 3, appendix E.
/// </summary>
internal static class CpuFeatures
{
    private const string NoName = "-";

    // Bits 0 to 31 of each register, in their order.
    private static readonly (uint Leaf, uint Subleaf, CpuidRegister Register, string Names)[] Words =
    [
        (1, 0, Edx, "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush - ds acpi mmx fxsr sse sse2 ss " +
            "ht tm ia64 pbe"),
        (1, 0, Ecx, "pni pclmulqdq dtes64 monitor ds-cpl vmx smx est tm2 ssse3 cid - fma cx16 xtpr pdcm "
            + "- pcid dca sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline aes xsave - avx f16c rdrand hypervisor"),
        (7, 0, Ebx, "fsgsbase tsc-adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm - - mpx - "
            + "avx512f avx512dq rdseed adx smap avx512ifma pcommit clflushopt clwb intel-pt avx512pf avx512er avx512cd sha-ni " +
                "avx512bw avx512vl"),
        (7, 0, Ecx, "- avx512vbmi umip pku - waitpkg avx512vbmi2 - gfni vaes vpclmulqdq avx512vnni avx512bitalg - avx512-vpopcntdq - "
            + "la57 - - - - - rdpid - bus-lock-detect cldemote - movdiri movdir64b - sgxlc pks"),
        (7, 0, Edx, "- - avx512-4vnniw avx512-4fmaps fsrm - - - avx512-vp2intersect - md-clear - - - serialize - "
            + "tsx-ldtrk - - arch-lbr - - amx-bf16 avx512-fp16 amx-tile amx-int8 spec-ctrl stibp - arch-capabilities core-capability ssbd"),
        (7, 1, Eax, "- - - - avx-vnni avx512-bf16"),
        (0xD, 1, Eax, "xsaveopt xsavec xgetbv1 xsaves xfd"),
        (0x8000_0001, 0, Edx, "- - - - - - - - - - - syscall - - - - - - - - nx - mmxext - - fxsr-opt pdpe1gb rdtscp - lm 3dnowext 3dnow"),
        (0x8000_0001, 0, Ecx, "lahf-lm cmp-legacy svm extapic cr8legacy abm sse4a misalignsse 3dnowprefetch osvw ibs xop skinit wdt - lwp "
            + "fma4 tce - nodeid-msr - tbm topoext perfctr-core perfctr-nb"),
        (0x8000_0008, 0, Ebx,
            "clzero - xsaveerptr - - - - - - wbnoinvd - - ibpb - ibrs amd-stibp - - - - - - - - amd-ssbd virt-ssbd amd-no-ssb"),
    ];

    /// <summary>
    /// Bits of CPUID.80000001h:EDX that AMD's processors repeat from CPUID.1:EDX: FPU to CX8, APIC, MTRR to PSE36, MMX, FXSR.
    /// </summary>
    internal const uint RepeatedByAmd = 0x0183_F3FF;

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<CpuFeature> All { get; } =
    [
        .. from word in Words
           from feature in word.Names.Split(' ').Select((name, bit) => (Name: name, Bit: bit))
           where feature.Name != NoName
           select new CpuFeature(feature.Name, word.Leaf, word.Subleaf, word.Register, feature.Bit),
    ];

    // QEMU's other spellings of the same bits.
    private static readonly Dictionary<string, string> Others = new(StringComparer.Ordinal)
    {
        ["sse3"] = "pni",
        ["pclmuldq"] = "pclmulqdq",
        ["sse4-1"] = "sse4.1",
        ["sse4-2"] = "sse4.2",
        ["xd"] = "nx",
        ["ffxsr"] = "fxsr-opt",
        ["i64"] = "lm",
    };

    /// <summary>
    /// The feature of a name, with QEMU's other spellings too (underscores for hyphens, sse3 for pni); null if there is none.
    /// </summary>
    internal static CpuFeature? Find(string name)
    {
        string plain = name.Replace('_', '-');
        string first = Others.GetValueOrDefault(plain, plain);
        return All.FirstOrDefault(f => f.Name == first);
    }
}
