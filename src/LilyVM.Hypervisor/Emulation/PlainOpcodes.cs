namespace LilyVM.Hypervisor.Emulation;

/// <summary>Sensitive instructions with an opcode of one byte (SDM vol. 2, table A-2). Safe: code is read through the page walk.</summary>
internal static unsafe class PlainOpcodes
{
    private const uint Es = 0, Cs = 1, Ds = 3;

    /// <summary>
    /// Decodes what follows the opcode. False means a fault while reading; <paramref name="isKnown"/> says whether the opcode is one of
    /// these.
    /// </summary>
    public static bool Decode(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, uint opcode, Request* request, bool* isKnown)
    {
        *isKnown = true;
        switch (opcode)
        {
            case 0x06 or 0x0E or 0x16 or 0x1E when !Architecture.Is64Bit:
                request->Op = Op.PushSegment;
                request->Number = opcode >> 3;
                return true;
            case 0x07 or 0x17 or 0x1F when !Architecture.Is64Bit:
                request->Op = Op.PopSegment;
                request->Number = opcode >> 3;
                return true;
            case 0x63 when !Architecture.Is64Bit:
                request->Op = Op.Arpl;
                return RegisterToOperand(cpu, code, prefixes, request);
            case >= 0x6C and <= 0x6F:
                request->Op = opcode < 0x6E ? Op.Ins : Op.Outs;
                request->Width = (opcode & 1) == 0 ? 1 : request->Width;
                request->Value = cpu->Dx;
                *isKnown = !prefixes->HasAddressSize;
                return opcode < 0x6E || EffectiveAddress.SegmentBase(cpu, prefixes->Segment, &request->SegmentBase);
            case 0x8C:
                request->Op = Op.ReadSegment;
                return SegmentOperand(cpu, code, prefixes, request, isKnown);
            case 0x8E:
                request->Op = Op.WriteSegment;
                return SegmentOperand(cpu, code, prefixes, request, isKnown);
            case 0x9A or 0xEA when !Architecture.Is64Bit:
                request->Op = opcode == 0x9A ? Op.LongCall : Op.LongJump;
                return code->Immediate(cpu, 4, &request->Offset) && code->Immediate(cpu, 2, &request->Value);
            case 0x9C or 0x9D:
                request->Op = opcode == 0x9C ? Op.Pushf : Op.Popf;
                return true;
            case 0xC4 or 0xC5 when !Architecture.Is64Bit:
                request->Op = Op.LoadFarPointer;
                request->Number = opcode == 0xC4 ? Es : Ds;
                return SystemOpcodes.MemoryToRegister(cpu, code, prefixes, request, isKnown);
            case 0xCA:
                request->Op = Op.Lret;
                return code->Immediate(cpu, 2, &request->Value);
            case 0xCB:
                request->Op = Op.Lret;
                return true;
            case 0xCD:
                request->Op = Op.Int;
                return code->Immediate(cpu, 1, &request->Value);
            case 0xCF:
                request->Op = Op.Iret;
                return true;
            case 0xE4 or 0xE5 or 0xE6 or 0xE7:
                PortOperand(opcode, request);
                return code->Immediate(cpu, 1, &request->Value);
            case 0xEC or 0xED or 0xEE or 0xEF:
                PortOperand(opcode, request);
                request->Value = cpu->Dx;
                return true;
            case 0xF4:
                request->Op = Op.Hlt;
                return true;
            case 0xFA:
                request->Op = Op.Cli;
                return true;
            case 0xFB:
                return EnableInterrupts(cpu, code, request);
            case 0xFF:
                return LongTransfer(cpu, code, prefixes, request, isKnown);
            default:
                *isKnown = false;
                return true;
        }
    }

    private static void PortOperand(uint opcode, Request* request)
    {
        request->Op = (opcode & 2) == 0 ? Op.In : Op.Out;
        request->Width = (opcode & 1) == 0 ? 1 : request->Width;
    }

    // An HLT behind STI is part of it, so that no interrupt comes between them (SDM vol. 2, STI).
    private static bool EnableInterrupts(Vcpu* cpu, CodeReader* code, Request* request)
    {
        const uint Hlt = 0xF4;
        CodeReader ahead;
        uint next;
        CodeReader.Start(&ahead, code->Position);
        bool halts = ahead.Byte(cpu, &next) && next == Hlt;
        request->Op = halts ? Op.StiHlt : Op.Sti;
        return !halts || code->Byte(cpu, &next);
    }

    private static bool RegisterToOperand(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, Request* request)
    {
        ModRm modrm;
        if (!SystemOpcodes.ReadModRm(cpu, code, prefixes, request, &modrm))
            return false;
        request->Value = (&cpu->Ax)[modrm.Reg] & 0xFFFF;
        return true;
    }

    // MOV to and from a segment register; 6 and 7 name none, and CS cannot be loaded.
    private static bool SegmentOperand(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, Request* request, bool* isKnown)
    {
        ModRm modrm;
        if (!SystemOpcodes.ReadModRm(cpu, code, prefixes, request, &modrm))
            return false;
        request->Number = modrm.Reg;
        *isKnown = modrm.Reg < 6 && !(request->Op == Op.WriteSegment && modrm.Reg == Cs);
        return true;
    }

    private static bool LongTransfer(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, Request* request, bool* isKnown)
    {
        const uint CallFar = 3, JumpFar = 5;
        ModRm modrm;
        if (!SystemOpcodes.ReadModRm(cpu, code, prefixes, request, &modrm))
            return false;
        *isKnown = modrm.IsMemory && (modrm.Reg is CallFar or JumpFar);
        request->Op = modrm.Reg == CallFar ? Op.LongCall : Op.LongJump;
        return true;
    }
}
