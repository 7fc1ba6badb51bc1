using LilyVM.Hypervisor.Guest;
using LilyVM.Hypervisor.Mmu;

namespace LilyVM.Hypervisor.Emulation;

/// <summary>Guest memory in units of 1, 2 or 4 bytes. Safe: goes through the page walk.</summary>
internal static unsafe class Narrow
{
    /// <summary>Reads <paramref name="width"/> bytes at a linear address, zero-extended.</summary>
    public static bool Read(Vcpu* cpu, uint address, uint width, uint* value)
    {
        uint access = Privilege.Access(cpu, AccessFlags.Read);
        return width switch
        {
            1 => GuestMemory.Read8(cpu, address, access, value),
            2 => GuestMemory.Read16(cpu, address, access, value),
            _ => GuestMemory.Read32(cpu, address, access, value),
        };
    }

    /// <summary>Writes the low <paramref name="width"/> bytes of a value.</summary>
    public static bool Write(Vcpu* cpu, uint address, uint width, uint value)
    {
        uint access = Privilege.Access(cpu, AccessFlags.Write);
        return width switch
        {
            1 => GuestMemory.Write8(cpu, address, access, value & 0xFF),
            2 => GuestMemory.Write16(cpu, address, access, value & 0xFFFF),
            _ => GuestMemory.Write32(cpu, address, access, value),
        };
    }
}
