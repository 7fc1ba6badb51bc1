namespace LilyVM.Hypervisor.Emulation;

/// <summary>Guest memory in units of 1, 2, 4 or 8 bytes. Safe: goes through the page walk.</summary>
internal static unsafe class Narrow
{
    /// <summary>Reads <paramref name="width"/> bytes at a linear address, zero-extended.</summary>
    public static bool Read(Vcpu* cpu, Word address, uint width, ulong* value)
    {
        uint access = Privilege.Access(cpu, AccessFlags.Read);
        *value = 0; // the low part of it is written
        return width switch
        {
            1 => GuestMemory.Read8(cpu, address, access, (uint*)value),
            2 => GuestMemory.Read16(cpu, address, access, (uint*)value),
            4 => GuestMemory.Read32(cpu, address, access, (uint*)value),
            _ => GuestMemory.Read64(cpu, address, access, value),
        };
    }

    /// <summary>Writes the low <paramref name="width"/> bytes of a value.</summary>
    public static bool Write(Vcpu* cpu, Word address, uint width, ulong value)
    {
        uint access = Privilege.Access(cpu, AccessFlags.Write);
        return width switch
        {
            1 => GuestMemory.Write8(cpu, address, access, (uint)value & 0xFF),
            2 => GuestMemory.Write16(cpu, address, access, (uint)value & 0xFFFF),
            4 => GuestMemory.Write32(cpu, address, access, (uint)value),
            _ => GuestMemory.Write64(cpu, address, access, value),
        };
    }
}
