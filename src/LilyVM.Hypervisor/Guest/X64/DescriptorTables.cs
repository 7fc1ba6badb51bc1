namespace LilyVM.Hypervisor.Guest;

/// <summary>LGDT, LIDT, SGDT and SIDT of 64-bit code. Safe: guest memory is reached through the page walk only.</summary>
internal static unsafe class DescriptorTables
{
    private const uint PointerSize = 10;

    /// <summary>Executes one of them.</summary>
    public static bool Execute(Vcpu* cpu, Request* request)
    {
        bool isGdt = request->Op is Op.Lgdt or Op.Sgdt;
        ulong* tableBase = isGdt ? &cpu->GdtBase : &cpu->Page->IdtBase;
        ulong* tableLimit = isGdt ? &cpu->GdtLimit : &cpu->Page->IdtLimit;
        if (request->Op is Op.Sgdt or Op.Sidt)
            return Store(cpu, request->Address, *tableBase, *tableLimit);

        ulong newBase;
        uint newLimit, access = Privilege.Access(cpu, AccessFlags.Read);
        if (!GuestMemory.Read16(cpu, request->Address, access, &newLimit) || !GuestMemory.Read64(cpu, request->Address + 2, access, &newBase))
            return false;
        if (!Addresses.AreCanonical(newBase))
            return Privilege.GeneralProtection(cpu, 0);
        *tableBase = newBase;
        *tableLimit = newLimit;
        return true;
    }

    private static bool Store(Vcpu* cpu, ulong address, ulong tableBase, ulong tableLimit)
    {
        uint access = Privilege.Access(cpu, AccessFlags.Write);
        return GuestMemory.Probe(cpu, address, PointerSize, access)
            && GuestMemory.Write16(cpu, address, access, (uint)tableLimit & 0xFFFF)
            && GuestMemory.Write64(cpu, address + 2, access, tableBase);
    }
}
