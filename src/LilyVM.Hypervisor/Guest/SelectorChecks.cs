namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// LAR, LSL, VERR, VERW and ARPL, which tell by ZF and fault only on memory. Safe: guest memory is reached through the page walk only.
/// </summary>
internal static unsafe partial class SelectorChecks
{
    private const Word ZeroFlag = 1 << 6;
    private const uint AccessRights = 0x00F0_FF00;

    /// <summary>Executes one of them.</summary>
    public static bool Execute(Vcpu* cpu, Request* request)
    {
        if (request->Op == Op.Arpl)
            return Adjust(cpu, request);
        uint selector;
        Descriptor descriptor;
        if (!Operands.Source16(cpu, request, &selector))
            return false;
        bool good = false;
        if ((selector & 0xFFFC) != 0 && Descriptors.IsInTable(cpu, selector))
        {
            if (!Descriptors.Read(cpu, selector, &descriptor, Vectors.GeneralProtection))
                return false; // a page fault
            good = Accepts(cpu, request->Op, selector, &descriptor);
            if (good && (request->Op is Op.Lar or Op.Lsl))
                Operands.SetRegister(cpu, request->Register, request->Width, request->Op == Op.Lar
                    ? descriptor.High & AccessRights
                    : descriptor.Limit);
        }
        SetZero(cpu, good);
        return true;
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

    private static void SetZero(Vcpu* cpu, bool value) => cpu->Flags = value ? cpu->Flags | ZeroFlag : cpu->Flags & ~ZeroFlag;
}
