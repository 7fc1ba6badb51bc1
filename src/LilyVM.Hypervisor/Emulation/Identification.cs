using LilyVM.Hypervisor.Guest;

namespace LilyVM.Hypervisor.Emulation;

/// <summary>CPUID. Safe: the table is the engine's own, and its count is checked.</summary>
internal static unsafe class Identification
{
    private const uint FeatureLeaf = 1, OsXsaveBit = 1 << 27;

    /// <summary>CPUID: EAX and ECX choose; bit OSXSAVE follows CR4.</summary>
    public static void Cpuid(Vcpu* cpu)
    {
        uint leaf = cpu->Eax;
        CpuidEntry* entry = Find(cpu, leaf, cpu->Ecx);
        if (entry == null)
        {
            cpu->Eax = cpu->Ebx = cpu->Ecx = cpu->Edx = 0;
            return;
        }
        cpu->Eax = entry->Eax;
        cpu->Ebx = entry->Ebx;
        cpu->Ecx = entry->Ecx;
        cpu->Edx = entry->Edx;
        if (leaf == FeatureLeaf)
            cpu->Ecx = (entry->Ecx & ~OsXsaveBit) | ((cpu->Cr4 & ControlRegisters.OsXsave) != 0 ? OsXsaveBit : 0);
    }

    /// <summary>The entry of a leaf and subleaf, or null.</summary>
    public static CpuidEntry* Find(Vcpu* cpu, uint leaf, uint subleaf)
    {
        for (uint i = 0; i < cpu->Cpuid.Count && i < CpuidTable.Capacity; i++)
        {
            CpuidEntry* entry = CpuidTable.At(&cpu->Cpuid, i);
            if (entry->Leaf == leaf && (entry->Subleaf == subleaf || entry->Subleaf == CpuidEntry.AnySubleaf))
                return entry;
        }
        return null;
    }
}
