using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor;

/// <summary>What one CPUID leaf returns.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CpuidEntry
{
    /// <summary>EAX on input.</summary>
    public uint Leaf;

    /// <summary>ECX on input; <see cref="AnySubleaf"/> if it does not matter.</summary>
    public uint Subleaf;

    /// <summary>The results.</summary>
    public uint Eax, Ebx, Ecx, Edx;

    /// <summary>Matches every ECX.</summary>
    public const uint AnySubleaf = 0xFFFF_FFFF;
}

/// <summary>All leaves, filled in by the VM process before the guest starts. A leaf that is not there returns zeros.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CpuidTable
{
    /// <summary>Room for entries.</summary>
    public const int Capacity = 64;

    /// <summary>How many entries are in use.</summary>
    public uint Count;

    private fixed uint entries[Capacity * 6];

    /// <summary>The entry at <paramref name="index"/>, which must be below <see cref="Capacity"/>.</summary>
    public static CpuidEntry* At(CpuidTable* table, uint index) => (CpuidEntry*)table->entries + index;

    /// <summary>The number of the entry for a leaf and subleaf; <see cref="Capacity"/> if there is none.</summary>
    public static uint Find(CpuidTable* table, uint leaf, uint subleaf)
    {
        for (uint i = 0; i < table->Count && i < Capacity; i++)
        {
            CpuidEntry* entry = At(table, i);
            if (entry->Leaf == leaf && (entry->Subleaf == subleaf || entry->Subleaf == CpuidEntry.AnySubleaf))
                return i;
        }
        return Capacity;
    }

    /// <summary>
    /// Copies all of it, field by field: a copy of the struct would use registers that are the guest's. The source may change meanwhile.
    /// </summary>
    public static void Copy(CpuidTable* from, CpuidTable* to)
    {
        uint count = from->Count;
        to->Count = count < Capacity ? count : Capacity;
        for (uint i = 0; i < to->Count; i++)
        {
            CpuidEntry* source = At(from, i), target = At(to, i);
            target->Leaf = source->Leaf;
            target->Subleaf = source->Subleaf;
            target->Eax = source->Eax;
            target->Ebx = source->Ebx;
            target->Ecx = source->Ecx;
            target->Edx = source->Edx;
        }
    }
}
