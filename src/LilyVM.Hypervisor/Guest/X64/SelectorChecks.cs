namespace LilyVM.Hypervisor.Guest;

/// <summary>LAR, LSL, VERR and VERW in 64-bit mode, which tell by ZF and fault only on memory. Safe: guest memory is reached through the page walk only.</summary>
internal static unsafe class SelectorChecks
{
    private const ulong ZeroFlag = 1 << 6;
    private const uint AccessRights = 0x00F0_FF00;

    // System descriptor types, bit n for type n, that LAR and LSL accept in 64-bit mode (SDM vol. 2, LAR and LSL).
    private const uint RightsTypes = 1 << 2 | 1 << 9 | 1 << 11 | 1 << 12, LimitTypes = 1 << 2 | 1 << 9 | 1 << 11;

    /// <summary>Executes one of them.</summary>
    public static bool Execute(Vcpu* cpu, Request* request)
    {
        uint selector;
        Descriptor descriptor;
        if (request->Op == Op.Arpl)
            return Privilege.InvalidOpcode(cpu);
        if (!Operands.Source16(cpu, request, &selector))
            return false;
        bool good = false;
        if (IsInTable(cpu, selector))
        {
            if (!Descriptors.Read(cpu, selector, &descriptor, Vectors.GeneralProtection))
                return false; // a page fault
            good = Accepts(cpu, request->Op, selector, &descriptor);
            if (good && (request->Op is Op.Lar or Op.Lsl))
                Operands.SetRegister(cpu, request->Register, request->Width, request->Op == Op.Lar ? descriptor.High & AccessRights : descriptor.Limit);
        }
        cpu->Flags = good ? cpu->Flags | ZeroFlag : cpu->Flags & ~ZeroFlag;
        return true;
    }

    private static bool IsInTable(Vcpu* cpu, uint selector)
    {
        bool isLocal = (selector & 4) != 0;
        if ((selector & 0xFFFC) == 0 || (isLocal && (cpu->Ldtr & 0xFFFC) == 0))
            return false;
        return (selector & 0xFFF8) + 7 <= (isLocal ? cpu->LdtLimit : cpu->GdtLimit);
    }

    private static bool Accepts(Vcpu* cpu, Op op, uint selector, Descriptor* descriptor)
    {
        bool isSegment = descriptor->Is(Descriptor.Segment), isCode = isSegment && descriptor->Is(Descriptor.Code);
        bool conforms = isCode && descriptor->Is(Descriptor.ConformingOrDown);
        if (!conforms && (descriptor->Level < cpu->Cpl || descriptor->Level < (selector & 3)))
            return false;
        uint type = 1u << (int)descriptor->Type;
        return op switch
        {
            Op.Lar => isSegment || (RightsTypes & type) != 0,
            Op.Lsl => isSegment || (LimitTypes & type) != 0,
            Op.Verr => isSegment && (!isCode || descriptor->Is(Descriptor.ReadableOrWritable)),
            _ => isSegment && !isCode && descriptor->Is(Descriptor.ReadableOrWritable),
        };
    }
}
