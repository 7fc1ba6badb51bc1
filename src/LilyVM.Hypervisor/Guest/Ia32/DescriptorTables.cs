namespace LilyVM.Hypervisor.Guest;

/// <summary>LGDT, LIDT, SGDT and SIDT. Safe: guest memory is reached through the page walk only.</summary>
internal static unsafe class DescriptorTables
{
    private const uint PointerSize = 6, Base24 = 0x00FF_FFFF;

    /// <summary>Executes one of them; a width of 2 is the 16-bit form, which loads 24 bits of the base.</summary>
    public static bool Execute(Vcpu* cpu, Request* request)
    {
        bool isGdt = request->Op is Op.Lgdt or Op.Sgdt;
        uint* tableBase = isGdt ? &cpu->Page->GdtBase : &cpu->Page->IdtBase;
        uint* tableLimit = isGdt ? &cpu->Page->GdtLimit : &cpu->Page->IdtLimit;
        if (request->Op is Op.Sgdt or Op.Sidt)
            return Store(cpu, request->Address, *tableBase, *tableLimit);

        uint newBase, newLimit;
        uint access = Privilege.Access(cpu, AccessFlags.Read);
        if (!GuestMemory.Read16(cpu, request->Address, access, &newLimit) || !GuestMemory.Read32(cpu, request->Address + 2, access, &newBase))
            return false;
        *tableBase = request->Width == 2 ? newBase & Base24 : newBase;
        *tableLimit = newLimit;
        return true;
    }

    private static bool Store(Vcpu* cpu, uint address, uint tableBase, uint tableLimit)
    {
        uint access = Privilege.Access(cpu, AccessFlags.Write);
        return GuestMemory.Probe(cpu, address, PointerSize, access)
            && GuestMemory.Write16(cpu, address, access, tableLimit & 0xFFFF)
            && GuestMemory.Write32(cpu, address + 2, access, tableBase);
    }
}
