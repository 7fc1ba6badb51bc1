namespace LilyVM.Hypervisor.Emulation;

/// <summary>CPUID. Safe: the table is the engine's own, and its count is checked.</summary>
internal static unsafe class Identification
{
    private const uint FeatureLeaf = 1, OsXsaveBit = 1 << 27;

    /// <summary>CPUID: EAX and ECX choose; bit OSXSAVE follows CR4.</summary>
    public static void Cpuid(Vcpu* cpu)
    {
        uint leaf = (uint)cpu->Ax;
        CpuidEntry* entry = Find(cpu, leaf, (uint)cpu->Cx);
        if (entry == null)
        {
            cpu->Ax = cpu->Bx = cpu->Cx = cpu->Dx = 0;
            return;
        }
        cpu->Ax = entry->Eax;
        cpu->Bx = entry->Ebx;
        cpu->Cx = entry->Ecx;
        cpu->Dx = entry->Edx;
        if (leaf == FeatureLeaf)
            cpu->Cx = (entry->Ecx & ~OsXsaveBit) | ((cpu->Cr4 & ControlBits.OsXsave) != 0 ? OsXsaveBit : 0);
    }

    /// <summary>The entry of a leaf and subleaf, or null.</summary>
    public static CpuidEntry* Find(Vcpu* cpu, uint leaf, uint subleaf)
    {
        uint number = CpuidTable.Find(&cpu->Cpuid, leaf, subleaf);
        return number == CpuidTable.Capacity ? null : CpuidTable.At(&cpu->Cpuid, number);
    }
}
