using LilyVM.Hypervisor;

namespace LilyVM.Boot;

/// <summary>
/// What CPUID tells a guest's kernel: the host's processor as far as user programs may use it, for they see the host's CPUID anyway, less
/// what <see cref="CpuidMasks"/> hides. One processor, and no leaf whose registers or devices are not there.
/// </summary>
internal sealed class CpuidPolicy
{
    private const uint LastLeaf = 0xD, FirstExtended = 0x8000_0000, LastExtended = 0x8000_0008, CacheLeaf = 4, StateLeaf = 0xD;
    private const int Hypervisor = 31, OsXsave = 27, Xsave = 26;

    // x87, SSE, AVX, and the three parts of AVX-512 (SDM vol. 1, 13.1). The others belong to hidden features.
    private const ulong OfferedState = 0b1110_0111;
    private const uint LegacyAndHeader = 576; // where the first extended component lies (SDM vol. 1, 13.4)

    private readonly Func<uint, uint, CpuidEntry> host;
    private readonly GuestArchitecture architecture;
    private readonly ulong state;
    private readonly List<CpuidEntry> entries = [];

    private CpuidPolicy(Func<uint, uint, CpuidEntry> host, Func<ulong> xcr0, GuestArchitecture architecture)
    {
        this.host = host;
        this.architecture = architecture;
        // XGETBV is an undefined instruction where the host's kernel does not use XSAVE.
        state = (host(1, 0).Ecx >> OsXsave & 1) != 0 ? xcr0() & OfferedState : 0;
    }

    /// <summary>All leaves for a guest of an architecture, IA-32 if none is named, on this host; others return zeros.</summary>
    internal static IReadOnlyList<CpuidEntry> ForThisHost(GuestArchitecture? architecture = null) =>
        Make(HostCpuid.Read, HostInstructions.Xcr0, architecture);

    /// <summary>All leaves for a guest on this host whose processor is to be a certain one; others return zeros.</summary>
    /// <exception cref="LilyVMException">A feature that it must have is not there.</exception>
    internal static IReadOnlyList<CpuidEntry> ForThisHost(CpuModel cpu, GuestArchitecture? architecture = null) =>
        cpu.Apply(ForThisHost(architecture));

    /// <summary>All leaves for a guest on a host with this CPUID and this extended control register 0.</summary>
    internal static IReadOnlyList<CpuidEntry> Make(Func<uint, uint, CpuidEntry> host, Func<ulong> xcr0,
        GuestArchitecture? architecture = null)
    {
        var policy = new CpuidPolicy(host, xcr0, architecture ?? GuestArchitecture.Ia32);
        uint last = Math.Min(host(0, 0).Eax, LastLeaf);
        policy.AddBasic(last);
        if (last >= StateLeaf && policy.state != 0)
            policy.AddState();
        policy.AddExtended(Math.Min(host(FirstExtended, 0).Eax, LastExtended));
        return policy.entries;
    }

    private void AddBasic(uint last)
    {
        CpuidEntry vendor = host(0, 0);
        vendor.Eax = last;
        AddForAnySubleaf(vendor);
        CpuidEntry features = Masked(1, 0);
        features.Ebx = features.Ebx & 0xFFFF | 1 << 16; // processor 0 of 1
        // For the guest it is true on every host. Kernels do without model-specific registers that no bit tells of where this one is set:
        // Linux without performance counters (arch/x86/events/core.c, check_hw_exists) and without workarounds for errata
        // (arch/x86/kernel/cpu/amd.c).
        features.Ecx |= 1u << Hypervisor;
        if (state == 0)
            features.Ecx &= ~(1u << Xsave);
        AddForAnySubleaf(features);
        if (last >= 2)
            AddForAnySubleaf(host(2, 0));
        if (last >= CacheLeaf)
            AddCaches();
        if (last >= 7)
            AddStructuredFeatures();
    }

    // Each cache belongs to one processor: EAX bits 14 to 31 count those that share it.
    private void AddCaches()
    {
        const uint MostCaches = 8;
        for (uint subleaf = 0; subleaf < MostCaches && host(CacheLeaf, subleaf) is var cache && (cache.Eax & 0x1F) != 0; subleaf++)
        {
            cache.Eax &= 0x3FFF;
            entries.Add(cache);
        }
    }

    private void AddStructuredFeatures()
    {
        CpuidEntry first = Masked(7, 0);
        uint subleaves = Math.Min(host(7, 0).Eax, 1);
        first.Eax = subleaves;
        entries.Add(first);
        if (subleaves == 0)
            return;
        CpuidEntry second = Masked(7, 1);
        second.Ebx = second.Ecx = second.Edx = 0;
        entries.Add(second);
    }

    // Sizes of XSAVE areas are those of the offered components (SDM vol. 1, 13.2), for kernels compare them with their own sums.
    private void AddState()
    {
        uint standard = LegacyAndHeader, compact = LegacyAndHeader;
        var components = new List<CpuidEntry>();
        for (uint number = 2; number < 64; number++)
        {
            if ((state >> (int)number & 1) == 0)
                continue;
            CpuidEntry component = host(StateLeaf, number);
            standard = Math.Max(standard, component.Ebx + component.Eax);
            compact = ((component.Ecx & 2) != 0 ? (compact + 63) & ~63u : compact) + component.Eax;
            components.Add(component);
        }
        entries.Add(new CpuidEntry
        {
            Leaf = StateLeaf,
            Subleaf = 0,
            Eax = (uint)state,
            Ebx = standard,
            Ecx = standard,
            Edx = (uint)(state >> 32)
        });
        CpuidEntry instructions = Masked(StateLeaf, 1);
        instructions.Ebx = compact;
        instructions.Ecx = instructions.Edx = 0; // no supervisor state
        entries.Add(instructions);
        entries.AddRange(components);
    }

    private void AddExtended(uint last)
    {
        if (last < FirstExtended)
            return;
        CpuidEntry range = host(FirstExtended, 0);
        range.Eax = last;
        AddForAnySubleaf(range);
        for (uint leaf = FirstExtended + 1; leaf <= last; leaf++)
        {
            CpuidEntry entry = Masked(leaf, 0);
            switch (leaf)
            {
                case 0x8000_0007: // power management: Linux on AMD checks what it says against a register that is not emulated (HWCR)
                    entry.Eax = entry.Ebx = entry.Ecx = entry.Edx = 0;
                    break;
                case 0x8000_0008: // bits of physical and of linear addresses; one processor
                    entry.Eax = architecture.Bits == 64 ? 0x3028u : 0x2020;
                    entry.Ecx = entry.Edx = 0;
                    break;
            }
            AddForAnySubleaf(entry);
        }
    }

    private CpuidEntry Masked(uint leaf, uint subleaf)
    {
        CpuidEntry entry = host(leaf, subleaf);
        entry.Eax &= ~CpuidMasks.Of(leaf, subleaf, CpuidRegister.Eax, architecture);
        entry.Ebx &= ~CpuidMasks.Of(leaf, subleaf, CpuidRegister.Ebx, architecture);
        entry.Ecx &= ~CpuidMasks.Of(leaf, subleaf, CpuidRegister.Ecx, architecture);
        entry.Edx &= ~CpuidMasks.Of(leaf, subleaf, CpuidRegister.Edx, architecture);
        return entry;
    }

    private void AddForAnySubleaf(CpuidEntry entry)
    {
        entry.Subleaf = CpuidEntry.AnySubleaf;
        entries.Add(entry);
    }
}
