namespace LilyVM.Hypervisor.Guest;

/// <summary>LAR, LSL, VERR, VERW and ARPL, which tell by ZF and fault only on memory. Safe: guest memory is reached through the page walk only.</summary>
internal static unsafe class SelectorChecks
{
    private const uint ZeroFlag = 1 << 6;

    // Bits of a descriptor's second word (SDM vol. 3, figures 3-8 and 3-12).
    private const uint NotSystem = 1 << 12, Code = 1 << 11, Conforming = 1 << 10, ReadOrWrite = 1 << 9, Granularity = 1 << 23;
    private const uint AccessRights = 0x00F0_FF00;

    // What looking for a descriptor gives.
    private const uint Absent = 0, Found = 1, Fault = 2;

    // System descriptor types, bit n for type n, that LAR and LSL accept (SDM vol. 2, LAR and LSL).
    private const uint RightsTypes = 0x1A3E, LimitTypes = 0x0A0E;

    /// <summary>Executes one of them.</summary>
    public static bool Execute(Vcpu* cpu, Request* request)
    {
        if (request->Op == Op.Arpl)
            return Adjust(cpu, request);
        uint selector, low, high;
        if (!Operands.Source16(cpu, request, &selector))
            return false;
        uint found = Find(cpu, selector, &low, &high);
        if (found == Fault)
            return false;
        bool good = found == Found && Accepts(cpu, request->Op, selector, high);
        if (good && (request->Op is Op.Lar or Op.Lsl))
        {
            uint limit = (low & 0xFFFF) | (high & 0xF_0000);
            uint value = request->Op == Op.Lar ? high & AccessRights : (high & Granularity) != 0 ? limit << 12 | 0xFFF : limit;
            Operands.SetRegister(cpu, request->Register, request->Width, value);
        }
        SetZero(cpu, good);
        return true;
    }

    // Both words of the descriptor; Absent for a null selector or one beyond its table.
    private static uint Find(Vcpu* cpu, uint selector, uint* low, uint* high)
    {
        bool isLocal = (selector & 4) != 0;
        if ((selector & 0xFFFC) == 0 || (isLocal && (cpu->Page->Ldtr & 0xFFFC) == 0))
            return Absent;
        uint table = isLocal ? cpu->LdtBase : cpu->Page->GdtBase;
        uint limit = isLocal ? cpu->LdtLimit : cpu->Page->GdtLimit;
        uint offset = selector & 0xFFF8;
        if (offset + 7 > limit)
            return Absent;
        return GuestMemory.Read32(cpu, table + offset, AccessFlags.Read, low) && GuestMemory.Read32(cpu, table + offset + 4, AccessFlags.Read, high) ? Found : Fault;
    }

    private static bool Accepts(Vcpu* cpu, Op op, uint selector, uint high)
    {
        bool isSegment = (high & NotSystem) != 0;
        bool isCode = isSegment && (high & Code) != 0;
        uint privilege = high >> 13 & 3;
        if (!(isCode && (high & Conforming) != 0) && (privilege < cpu->Cpl || privilege < (selector & 3)))
            return false;
        uint type = 1u << (int)(high >> 8 & 15);
        return op switch
        {
            Op.Lar => isSegment || (RightsTypes & type) != 0,
            Op.Lsl => isSegment || (LimitTypes & type) != 0,
            Op.Verr => isSegment && (!isCode || (high & ReadOrWrite) != 0),
            _ => isSegment && !isCode && (high & ReadOrWrite) != 0,
        };
    }

    // The destination's RPL is raised to the source's.
    private static bool Adjust(Vcpu* cpu, Request* request)
    {
        uint source = request->Value & 3;
        uint destination;
        if (request->IsMemory)
        {
            if (!GuestMemory.Read16(cpu, request->Address, Privilege.Access(cpu, AccessFlags.Read), &destination)) // written only if it changes
                return false;
        }
        else
        {
            destination = Operands.Register(cpu, request->Register, 2);
        }
        bool raises = (destination & 3) < source;
        request->Width = 2;
        if (raises && !Operands.Store(cpu, request, (destination & ~3u) | source))
            return false;
        SetZero(cpu, raises);
        return true;
    }

    private static void SetZero(Vcpu* cpu, bool value) => cpu->Flags = value ? cpu->Flags | ZeroFlag : cpu->Flags & ~ZeroFlag;
}
