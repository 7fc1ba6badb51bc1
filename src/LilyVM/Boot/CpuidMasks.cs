using static LilyVM.Boot.CpuidRegister;

namespace LilyVM.Boot;

/// <summary>A result register of CPUID.</summary>
internal enum CpuidRegister
{
    /// <summary>EAX.</summary>
    Eax,

    /// <summary>EBX.</summary>
    Ebx,

    /// <summary>ECX.</summary>
    Ecx,

    /// <summary>EDX.</summary>
    Edx,
}

/// <summary>Feature bits that a guest's kernel does not get to see.</summary>
/// <param name="Leaf">EAX on input.</param>
/// <param name="Subleaf">ECX on input; 0 where it does not matter.</param>
/// <param name="Register">Where the bits are.</param>
/// <param name="Bits">Their numbers.</param>
/// <param name="Names">Their names, in the order of the numbers.</param>
/// <param name="Reason">Why they are hidden.</param>
/// <param name="Only">The architecture whose kernels do not see them, if the other's do.</param>
internal sealed record HiddenFeatures(
    uint Leaf, uint Subleaf, CpuidRegister Register, int[] Bits, string Names, string Reason, GuestArchitecture? Only = null)
{
    /// <summary>Whether the kernels of an architecture do not see them.</summary>
    internal bool AppliesTo(GuestArchitecture architecture) => Only is null || Only == architecture;
}

/// <summary>
/// What is hidden of the host's processor, because a kernel would use it in ways that no engine emulates, or because an instruction that
/// the preprocessor leaves alone would come to life (SMAP, XSAVES, FRED and others). What user programs can use stays. Numbers and names:
/// SDM vol. 2, CPUID; AMD64 Architecture Programmer's Manual vol. 3, appendix E.
/// </summary>
internal static class CpuidMasks
{
    private const string Registers = "model-specific registers that are not emulated",
        Paging = "paging beyond 32 bits and 4 MiB pages is not emulated",
        Addresses = "this kind of paging is not emulated", Unprivileged = "protects kernels that run in ring 0",
        Machine = "the machine has no such device", SystemCalls = "system calls come by another instruction",
        State = "extended state that the guest cannot have", One = "there is one processor", Virtualization = "no guests in guests";

    /// <summary>The table.</summary>
    internal static IReadOnlyList<HiddenFeatures> All { get; } =
    [
        new(1, 0, Edx, [1], "VME", "virtual-8086 mode is not emulated"),
        new(1, 0, Edx, [6, 17], "PAE PSE36", Paging, GuestArchitecture.Ia32),
        new(1, 0, Edx, [7, 12, 14, 16, 21, 31], "MCE MTRR MCA PAT DS PBE", Registers),
        new(1, 0, Edx, [9, 22, 29], "APIC ACPI TM", Machine),
        new(1, 0, Edx, [11], "SEP", SystemCalls),
        new(1, 0, Edx, [18], "PSN", Machine),
        new(1, 0, Edx, [28], "HTT", One),
        new(1, 0, Ecx, [2, 4, 7, 8, 10, 11, 14, 15], "DTES64 DS-CPL EST TM2 CNXT-ID SDBG xTPR PDCM", Registers),
        new(1, 0, Ecx, [3], "MONITOR", "a waiting guest must be seen to wait"),
        new(1, 0, Ecx, [5, 6], "VMX SMX", Virtualization),
        new(1, 0, Ecx, [17], "PCID", Addresses),
        new(1, 0, Ecx, [18, 21, 24], "DCA x2APIC TSC-deadline", Machine),
        new(1, 0, Ecx, [27], "OSXSAVE", "shows the guest's CR4, which is clear at its start"),
        new(7, 0, Ebx, [0, 1, 2, 12, 15, 25], "FSGSBASE TSC-ADJUST SGX RDT-M RDT-A PT", Registers),
        new(7, 0, Ebx, [7, 20], "SMEP SMAP", Unprivileged),
        new(7, 0, Ebx, [10], "INVPCID", Addresses),
        new(7, 0, Ebx, [14], "MPX", State),
        new(7, 0, Ebx, [18], "RDSEED", "whether it can be trusted shows in the microcode's revision, which is not emulated (AMD-SB-7055)"),
        new(7, 0, Ecx, [2], "UMIP", Unprivileged),
        new(7, 0, Ecx, [3, 4, 7, 31], "PKU OSPKE CET-SS PKS", State),
        new(7, 0, Ecx, [5, 13, 22, 23, 24, 29, 30], "WAITPKG TME RDPID KL BUS-LOCK ENQCMD SGX-LC", Registers),
        new(7, 0, Ecx, [16, 17, 18, 19, 20, 21], "LA57 MAWAU", Addresses),
        new(7, 0, Edx, [5, 20, 22, 24, 25], "UINTR CET-IBT AMX-BF16 AMX-TILE AMX-INT8", State),
        new(7, 0, Edx, [9, 10, 11, 13, 18, 19], "SRBDS-CTRL MD-CLEAR RTM-ABORT TSX-ABORT PCONFIG ARCH-LBR", Registers),
        new(7, 0, Edx, [15], "hybrid", One),
        new(7, 0, Edx, [26, 27, 28, 29, 30, 31], "SPEC-CTRL STIBP L1D-FLUSH ARCH-CAPABILITIES CORE-CAPABILITIES SSBD", Registers),
        new(7, 1, Eax, [6, 26], "LASS LAM", Unprivileged),
        new(7, 1, Eax, [8, 17, 18, 19, 21, 22, 27], "ARCHPERFMONEXT FRED LKGS WRMSRNS AMX-FP16 HRESET MSRLIST", Registers),
        new(0xD, 1, Eax, [3, 4], "XSAVES XFD", State),
        new(0x8000_0001, 0, Edx, [1], "VME", "virtual-8086 mode is not emulated"),
        new(0x8000_0001, 0, Edx, [6, 17, 20, 26, 29], "PAE PSE36 NX PAGE1GB LM", Paging, GuestArchitecture.Ia32),
        new(0x8000_0001, 0, Edx, [7, 12, 14, 16, 27], "MCE MTRR MCA PAT RDTSCP", Registers),
        new(0x8000_0001, 0, Edx, [9], "APIC", Machine),
        new(0x8000_0001, 0, Edx, [11], "SYSCALL", SystemCalls, GuestArchitecture.Ia32),
        new(0x8000_0001, 0, Edx, [19], "MP", One),
        new(0x8000_0001, 0, Ecx, [1, 22], "CMP-LEGACY TOPOEXT", One),
        new(0x8000_0001, 0, Ecx, [2, 12], "SVM SKINIT", Virtualization),
        new(0x8000_0001, 0, Ecx, [3, 4], "EXTAPIC CR8-LEGACY", Machine),
        new(0x8000_0001, 0, Ecx, [9, 10, 13, 17, 19, 23, 24, 26, 27, 28],
            "OSVW IBS WDT TCE NODEID PERFCTR-CORE PERFCTR-NB BPEXT PTSC PERFCTR-LLC", Registers),
        new(0x8000_0001, 0, Ecx, [15], "LWP", State),
        new(0x8000_0001, 0, Ecx, [29, 30], "MWAITX ADDR-MASK", Registers),
        new(0x8000_0008, 0, Ebx, [1, 3, 6, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30],
            "IRPERF INVLPGB MBE MCOMMIT WBNOINVD IBPB INT-WBINVD IBRS STIBP IBRS-ALWAYS STIBP-ALWAYS IBRS-PREFERRED IBRS-SAME-MODE " +
            "NO-LMSLE INVLPGB-NESTED PPIN SSBD VIRT-SSBD SSB-NO CPPC PSFD BTC-NO IBPB-RET",
            Registers),
    ];

    /// <summary>Whether the kernels of an architecture do not see a feature.</summary>
    internal static bool Hides(GuestArchitecture architecture, CpuFeature feature) =>
        (Of(feature.Leaf, feature.Subleaf, feature.Register, architecture) >> feature.Bit & 1) != 0;

    /// <summary>All bits of a register that the kernels of an architecture do not see.</summary>
    internal static uint Of(uint leaf, uint subleaf, CpuidRegister register, GuestArchitecture architecture)
    {
        uint mask = 0;
        foreach (HiddenFeatures row in All)
        {
            if (row.Leaf != leaf || row.Subleaf != subleaf || row.Register != register || !row.AppliesTo(architecture))
                continue;
            foreach (int bit in row.Bits)
                mask |= 1u << bit;
        }
        return mask;
    }
}
