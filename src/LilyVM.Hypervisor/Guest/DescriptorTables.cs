namespace LilyVM.Hypervisor.Guest;

/// <summary>LGDT, LIDT, SGDT and SIDT. Safe: guest memory is reached through the page walk only.</summary>
internal static unsafe partial class DescriptorTables
{
    private const uint LimitBytes = 2, PointerBytes = LimitBytes + sizeof(Word);

    /// <summary>Executes one of them.</summary>
    public static bool Execute(Vcpu* cpu, Request* request)
    {
        bool isGdt = request->Op is Op.Lgdt or Op.Sgdt;
        Word* tableBase = isGdt ? GlobalBase(cpu) : &cpu->Page->IdtBase;
        Word* tableLimit = isGdt ? GlobalLimit(cpu) : &cpu->Page->IdtLimit;
        if (request->Op is Op.Sgdt or Op.Sidt)
            return Store(cpu, request->Address, *tableBase, *tableLimit);

        Word newBase;
        uint newLimit, access = Privilege.Access(cpu, AccessFlags.Read);
        if (!GuestMemory.Read16(cpu, request->Address, access, &newLimit)
            || !GuestMemory.ReadWord(cpu, request->Address + LimitBytes, access, &newBase)
            || !TakeBase(cpu, request, &newBase))
            return false;
        *tableBase = newBase;
        *tableLimit = newLimit;
        return true;
    }

    private static bool Store(Vcpu* cpu, Word address, Word tableBase, Word tableLimit)
    {
        uint access = Privilege.Access(cpu, AccessFlags.Write);
        return GuestMemory.Probe(cpu, address, PointerBytes, access)
            && GuestMemory.Write16(cpu, address, access, (uint)tableLimit & 0xFFFF)
            && GuestMemory.WriteWord(cpu, address + LimitBytes, access, tableBase);
    }
}
