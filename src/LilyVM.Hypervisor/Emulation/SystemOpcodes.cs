namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// Sensitive instructions with an opcode of two or three bytes (SDM vol. 2, tables ). Safe: code is read through the page walk.
/// </summary>
internal static unsafe class SystemOpcodes
{
    private const uint Ss = 2, Fs = 4, Gs = 5;

    // Group 6 (0F 00) and the memory forms of group 7 (0F 01), by the middle field of ModRM; Undefined marks a hole.
    private static ReadOnlySpan<byte> Group6 =>
        [(byte)Op.Sldt, (byte)Op.Str, (byte)Op.Lldt, (byte)Op.Ltr, (byte)Op.Verr, (byte)Op.Verw, Hole, Hole];

    private static ReadOnlySpan<byte> Group7 =>
        [(byte)Op.Sgdt, (byte)Op.Sidt, (byte)Op.Lgdt, (byte)Op.Lidt, (byte)Op.Smsw, Hole, (byte)Op.Lmsw, (byte)Op.Invlpg];

    private const byte Hole = (byte)Op.Undefined;

    /// <summary>Decodes what follows 0F, like <see cref="PlainOpcodes.Decode"/>.</summary>
    public static bool Decode(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, Request* request, bool* isKnown)
    {
        uint opcode;
        *isKnown = true;
        if (!code->Byte(cpu, &opcode))
            return false;
        switch (opcode)
        {
            case 0x00:
                return DecodeGroup6(cpu, code, prefixes, request, isKnown);
            case 0x01:
                return DecodeGroup7(cpu, code, prefixes, request, isKnown);
            case 0x02 or 0x03:
                request->Op = opcode == 0x02 ? Op.Lar : Op.Lsl;
                return SelectorToRegister(cpu, code, prefixes, request);
            case >= 0x20 and <= 0x23:
                return SystemRegister(cpu, code, prefixes->Rex, opcode, request);
            case 0x38:
                return ProcessInvalidation(cpu, code, prefixes, request, isKnown);
            case 0xA0 or 0xA8:
                request->Op = Op.PushSegment;
                request->Number = opcode == 0xA0 ? Fs : Gs;
                return true;
            case 0xA1 or 0xA9:
                request->Op = Op.PopSegment;
                request->Number = opcode == 0xA1 ? Fs : Gs;
                return true;
            case 0xB2 or 0xB4 or 0xB5:
                request->Op = Op.LoadFarPointer;
                request->Number = opcode == 0xB2 ? Ss : opcode - 0xB0;
                return MemoryToRegister(cpu, code, prefixes, request, isKnown);
            default:
                request->Op = WithoutOperands(opcode, isKnown);
                return true;
        }
    }

    /// <summary>Decodes ModRM into the request's operand: a memory operand with its segment base, or a register and its value.</summary>
    public static bool ReadModRm(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, Request* request, ModRm* modrm)
    {
        Word segment;
        if (!EffectiveAddress.Decode(cpu, code, prefixes, modrm))
            return false;
        request->IsMemory = modrm->IsMemory;
        if (!modrm->IsMemory)
        {
            request->Register = modrm->Base;
            request->Value = (&cpu->Ax)[modrm->Base];
            return true;
        }
        if (!EffectiveAddress.SegmentBase(cpu, prefixes->Segment, &segment))
            return false;
        request->Address = modrm->Address + segment + (modrm->IsIpRelative ? code->Position : 0); // no immediate follows
        return true;
    }

    /// <summary>An operand in memory and a destination register.</summary>
    public static bool MemoryToRegister(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, Request* request, bool* isKnown)
    {
        ModRm modrm;
        if (!ReadModRm(cpu, code, prefixes, request, &modrm))
            return false;
        *isKnown = modrm.IsMemory;
        request->Register = modrm.Reg;
        return true;
    }

    private static Op WithoutOperands(uint opcode, bool* isKnown)
    {
        switch (opcode)
        {
            case 0x05 or 0x07 or 0x34 or 0x35: // SYSCALL, SYSRET, SYSENTER, SYSEXIT: not offered
                return Op.Undefined;
            case 0x06:
                return Op.Clts;
            case 0x08 or 0x09:
                return Op.InvalidateCaches;
            case 0x30:
                return Op.Wrmsr;
            case 0x32:
                return Op.Rdmsr;
            case 0x33:
                return Op.Rdpmc;
            case 0xA2:
                return Op.Cpuid;
            default:
                *isKnown = false;
                return Op.Undefined;
        }
    }

    private static bool DecodeGroup6(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, Request* request, bool* isKnown)
    {
        ModRm modrm;
        if (!ReadModRm(cpu, code, prefixes, request, &modrm))
            return false;
        request->Op = (Op)Group6[(int)modrm.Reg & 7];
        *isKnown = request->Op != Op.Undefined;
        return true;
    }

    private static bool DecodeGroup7(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, Request* request, bool* isKnown)
    {
        const uint Monitor = 1, Extended = 2, MonitorForm = 0, MwaitForm = 1, XsetbvForm = 1;
        ModRm modrm;
        if (!ReadModRm(cpu, code, prefixes, request, &modrm))
            return false;
        request->Op = (Op)Group7[(int)modrm.Reg & 7];
        if (!modrm.IsMemory && request->Op is not (Op.Smsw or Op.Lmsw))
        {
            *isKnown = (modrm.Reg == Monitor && (modrm.Base is MonitorForm or MwaitForm))
                || (modrm.Reg == Extended && modrm.Base == XsetbvForm);
            request->Op = modrm.Reg == Extended ? Op.Xsetbv : Op.Undefined;
            return true;
        }
        *isKnown = request->Op != Op.Undefined;
        return true;
    }

    // The destination is the register of the middle field; the selector has 16 bits whatever the operand size.
    private static bool SelectorToRegister(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, Request* request)
    {
        ModRm modrm;
        if (!ReadModRm(cpu, code, prefixes, request, &modrm))
            return false;
        request->Register = modrm.Reg;
        return true;
    }

    // MOV with CRn and DRn: the mod field does not matter (SDM vol. 2, MOV).
    private static bool SystemRegister(Vcpu* cpu, CodeReader* code, uint rex, uint opcode, Request* request)
    {
        uint modrm;
        if (!code->Byte(cpu, &modrm))
            return false;
        bool isDebug = (opcode & 1) != 0, isWrite = (opcode & 2) != 0;
        request->Op = isDebug ? isWrite ? Op.WriteDebug : Op.ReadDebug : isWrite ? Op.WriteControl : Op.ReadControl;
        request->Number = (modrm >> 3 & 7) | Rex.Register(rex);
        request->Register = (modrm & 7) | Rex.Base(rex);
        request->Value = (&cpu->Ax)[request->Register];
        return true;
    }

    // 66 0F 38 82 is INVPCID.
    private static bool ProcessInvalidation(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, Request* request, bool* isKnown)
    {
        const uint Invpcid = 0x82;
        uint opcode;
        if (!code->Byte(cpu, &opcode))
            return false;
        *isKnown = opcode == Invpcid && prefixes->HasOperandSize;
        if (!*isKnown)
            return true;
        request->Op = Op.Invpcid;
        if (!MemoryToRegister(cpu, code, prefixes, request, isKnown))
            return false;
        request->Value = (&cpu->Ax)[request->Register];
        return true;
    }
}
