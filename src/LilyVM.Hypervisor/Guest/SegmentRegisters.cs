namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// Moves, pushes, pops and far-pointer loads of segment registers. Safe: guest memory is reached through the page walk only.
/// </summary>
internal static unsafe class SegmentRegisters
{
    // A far pointer with an offset of 32 bits: the only one that the rewrite rules take, and that all processors load in 64-bit code.
    private const uint OffsetBytes = 4;

    /// <summary>Executes one of them. A wider register gets the selector zero-extended, a push writes a whole word.</summary>
    public static bool Execute(Vcpu* cpu, Request* request)
    {
        Word word;
        uint selector;
        switch (request->Op)
        {
            case Op.ReadSegment:
                return Operands.Store(cpu, request, Selector(cpu, request->Number));
            case Op.PushSegment:
                return Operands.Push(cpu, Selector(cpu, request->Number));
            case Op.WriteSegment:
                return Operands.Source16(cpu, request, &selector) && Segments.Load(cpu, request->Number, selector);
            case Op.PopSegment:
                if (!Operands.Peek(cpu, &word) || !Segments.Load(cpu, request->Number, (uint)word & 0xFFFF))
                    return false;
                cpu->Sp += sizeof(Word);
                return true;
            default:
                return LoadFarPointer(cpu, request);
        }
    }

    private static Word Selector(Vcpu* cpu, uint number) => (&cpu->Page->Es)[number] & 0xFFFF;

    // LDS, LES, LSS, LFS, LGS: the register changes only if the selector is good.
    private static bool LoadFarPointer(Vcpu* cpu, Request* request)
    {
        uint offset, selector, access = Privilege.Access(cpu, AccessFlags.Read);
        if (!GuestMemory.Read32(cpu, request->Address, access, &offset)
            || !GuestMemory.Read16(cpu, request->Address + OffsetBytes, access, &selector))
            return false;
        if (!Segments.Load(cpu, request->Number, selector))
            return false;
        Operands.SetRegister(cpu, request->Register, OffsetBytes, offset);
        return true;
    }
}
