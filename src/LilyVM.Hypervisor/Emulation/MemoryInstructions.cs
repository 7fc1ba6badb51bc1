namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// Decodes the instructions with which programs touch device memory: moves, the arithmetic of the first opcode block, TEST, XCHG, NOT, NEG,
/// INC, DEC, MOVZX, MOVSX, and string moves. Safe: code is read through the page walk.
/// </summary>
internal static unsafe class MemoryInstructions
{
    private const uint Eax = 0;

    /// <summary>
    /// Decodes the instruction at EIP. False means that <paramref name="outcome"/> says all: a fault while reading, or an unknown one.
    /// </summary>
    public static bool TryDecode(Vcpu* cpu, MemoryOperation* result, Outcome* outcome)
    {
        bool isKnown;
        if (Decode(cpu, result, &isKnown))
        {
            *outcome = Outcome.NotHandled;
            return isKnown;
        }
        *outcome = Events.RaiseFault(cpu);
        return false;
    }

    /// <summary>
    /// Decodes the instruction at EIP. False means a fault while reading; <paramref name="isKnown"/> says whether it is one of these.
    /// </summary>
    public static bool Decode(Vcpu* cpu, MemoryOperation* result, bool* isKnown)
    {
        CodeReader code;
        Prefixes prefixes;
        uint opcode;
        CodeReader.Start(&code, cpu->Ip);
        *isKnown = true;
        if (!Prefixes.Read(cpu, &code, &prefixes, &opcode))
            return false;
        bool isByte = (opcode & 1) == 0;
        result->Form = MemoryForm.Modify;
        result->Alu = AluOp.Move;
        result->Width = isByte ? 1 : prefixes.Width;
        result->RegisterWidth = result->Width;
        result->Register = Eax;
        result->Source = 0;
        result->IsIpRelative = false;
        result->Repeats = prefixes.HasRepeat;
        bool isComplete = opcode switch
        {
            0x63 when Architecture.Is64Bit => SignExtension(cpu, &code, &prefixes, result, isKnown),
            0x0F => Extension(cpu, &code, &prefixes, result, isKnown),
            >= 0xA0 and <= 0xA3 => Absolute(cpu, &code, &prefixes, opcode, result),
            0xA4 or 0xA5 => String(cpu, &prefixes, MemoryForm.MoveString, result, isKnown),
            0xAA or 0xAB => String(cpu, &prefixes, MemoryForm.StoreString, result, isKnown),
            0xAC or 0xAD => String(cpu, &prefixes, MemoryForm.LoadString, result, isKnown),
            _ => WithModRm(cpu, &code, &prefixes, opcode, result, isKnown),
        };
        result->NextIp = code.Position;
        if (result->IsIpRelative)
            result->Address += code.Position;
        return isComplete;
    }

    private static bool WithModRm(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, uint opcode, MemoryOperation* result, bool* isKnown)
    {
        ModRm modrm;
        switch (opcode)
        {
            case < 0x40 when (opcode & 7) < 4:
                result->Alu = (AluOp)(opcode >> 3);
                result->Form = (opcode & 2) == 0 ? MemoryForm.Modify : MemoryForm.Load;
                break;
            case 0x84 or 0x85:
                result->Alu = AluOp.Test;
                break;
            case 0x86 or 0x87:
                result->Alu = AluOp.Exchange;
                break;
            case 0x88 or 0x89:
                result->Form = MemoryForm.Store;
                break;
            case 0x8A or 0x8B:
                result->Form = MemoryForm.Load;
                break;
            case 0x80 or 0x81 or 0x83 or 0xC6 or 0xC7 or 0xF6 or 0xF7 or 0xFE or 0xFF:
                return WithExtendedOpcode(cpu, code, prefixes, opcode, result, isKnown);
            default:
                *isKnown = false;
                return true;
        }
        if (!Operand(cpu, code, prefixes, &modrm, result, isKnown))
            return false;
        SetRegister(cpu, modrm.Reg, prefixes->Rex, result);
        return true;
    }

    // Groups 1, 3, 4, 5 and 11: the middle field of ModRM says what to do, and an immediate may follow.
    private static bool WithExtendedOpcode(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, uint opcode, MemoryOperation* result,
        bool* isKnown)
    {
        ModRm modrm;
        if (!Operand(cpu, code, prefixes, &modrm, result, isKnown))
            return false;
        switch (opcode)
        {
            case 0x80 or 0x81:
                result->Alu = (AluOp)modrm.Reg;
                return code->Immediate(cpu, result->Width, &result->Source);
            case 0x83:
                result->Alu = (AluOp)modrm.Reg;
                if (!code->SignedNumber(cpu, 1, &result->Source))
                    return false;
                result->Source &= Alu.Mask(result->Width);
                return true;
            case 0xC6 or 0xC7:
                result->Form = MemoryForm.Store;
                *isKnown &= modrm.Reg == 0;
                return code->Immediate(cpu, result->Width, &result->Source);
            case 0xF6 or 0xF7:
                result->Alu = modrm.Reg < 2 ? AluOp.Test : modrm.Reg == 2 ? AluOp.Not : AluOp.Negate;
                *isKnown &= modrm.Reg < 4;
                return modrm.Reg >= 2 || code->Immediate(cpu, result->Width, &result->Source);
            default:
                result->Alu = modrm.Reg == 0 ? AluOp.Increment : AluOp.Decrement;
                *isKnown &= modrm.Reg < 2;
                return true;
        }
    }

    // MOVZX and MOVSX.
    private static bool Extension(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, MemoryOperation* result, bool* isKnown)
    {
        ModRm modrm;
        uint opcode;
        if (!code->Byte(cpu, &opcode))
            return false;
        if (opcode is not (0xB6 or 0xB7 or 0xBE or 0xBF))
        {
            *isKnown = false;
            return true;
        }
        result->Form = MemoryForm.Load;
        result->Alu = opcode >= 0xBE ? AluOp.MoveSigned : AluOp.Move;
        result->Width = (opcode & 1) == 0 ? 1u : 2;
        result->RegisterWidth = prefixes->Width;
        if (!Operand(cpu, code, prefixes, &modrm, result, isKnown))
            return false;
        result->Register = modrm.Reg;
        return true;
    }

    // MOVSXD of 64-bit code.
    private static bool SignExtension(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, MemoryOperation* result, bool* isKnown)
    {
        ModRm modrm;
        result->Form = MemoryForm.Load;
        result->Alu = AluOp.MoveSigned;
        result->Width = prefixes->Width == 2 ? 2u : 4;
        result->RegisterWidth = prefixes->Width;
        if (!Operand(cpu, code, prefixes, &modrm, result, isKnown))
            return false;
        result->Register = modrm.Reg;
        return true;
    }

    private static bool Absolute(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, uint opcode, MemoryOperation* result)
    {
        Word segment;
        result->Form = (opcode & 2) == 0 ? MemoryForm.Load : MemoryForm.Store;
        if (!code->Address(cpu, prefixes->HasAddressSize, &result->Address)
            || !EffectiveAddress.SegmentBase(cpu, prefixes->Segment, &segment))
            return false;
        result->Address += segment;
        SetRegister(cpu, Eax, prefixes->Rex, result);
        return true;
    }

    private static bool String(Vcpu* cpu, Prefixes* prefixes, MemoryForm form, MemoryOperation* result, bool* isKnown)
    {
        Word segment;
        *isKnown = !prefixes->HasAddressSize;
        if (!EffectiveAddress.SegmentBase(cpu, form == MemoryForm.StoreString ? 0 : prefixes->Segment, &segment))
            return false;
        result->Form = form;
        result->Address = form == MemoryForm.StoreString ? cpu->Di : cpu->Si + segment;
        SetRegister(cpu, Eax, prefixes->Rex, result);
        return true;
    }

    private static bool Operand(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, ModRm* modrm, MemoryOperation* result, bool* isKnown)
    {
        Word segment;
        if (!EffectiveAddress.Decode(cpu, code, prefixes, modrm) || !EffectiveAddress.SegmentBase(cpu, prefixes->Segment, &segment))
            return false;
        *isKnown = modrm->IsMemory;
        result->IsIpRelative = modrm->IsIpRelative;
        result->Address = modrm->Address + segment;
        return true;
    }

    private static void SetRegister(Vcpu* cpu, uint number, uint rex, MemoryOperation* result)
    {
        result->Register = result->Width == 1 ? Operands.ByteRegister(number, rex) : number;
        result->Source = Operands.Register(cpu, result->Register, result->Width);
    }
}
