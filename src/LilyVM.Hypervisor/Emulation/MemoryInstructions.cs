using LilyVM.Hypervisor.Guest;

namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// Decodes the instructions with which programs touch device memory: moves, the arithmetic of the first opcode block, TEST, XCHG, NOT, NEG, INC, DEC,
/// MOVZX, MOVSX, and string moves. Safe: code is read through the page walk.
/// </summary>
internal static unsafe class MemoryInstructions
{
    private const uint Eax = 0;

    /// <summary>Decodes the instruction at EIP. False means a fault while reading; <paramref name="isKnown"/> says whether it is one of these.</summary>
    public static bool Decode(Vcpu* cpu, MemoryOperation* result, bool* isKnown)
    {
        CodeReader code;
        Prefixes prefixes;
        uint opcode;
        CodeReader.Start(&code, cpu->Eip);
        *isKnown = true;
        if (!Prefixes.Read(cpu, &code, &prefixes, &opcode))
            return false;
        bool isByte = (opcode & 1) == 0;
        result->Form = MemoryForm.Modify;
        result->Alu = AluOp.Move;
        result->Width = isByte ? 1 : prefixes.HasOperandSize ? 2u : 4;
        result->RegisterWidth = result->Width;
        result->Register = Eax;
        result->Source = 0;
        result->Repeats = prefixes.HasRepeat;
        bool isComplete = opcode switch
        {
            0x0F => Extension(cpu, &code, &prefixes, result, isKnown),
            >= 0xA0 and <= 0xA3 => Absolute(cpu, &code, &prefixes, opcode, result),
            0xA4 or 0xA5 => String(cpu, &prefixes, MemoryForm.MoveString, result, isKnown),
            0xAA or 0xAB => String(cpu, &prefixes, MemoryForm.StoreString, result, isKnown),
            0xAC or 0xAD => String(cpu, &prefixes, MemoryForm.LoadString, result, isKnown),
            _ => WithModRm(cpu, &code, &prefixes, opcode, result, isKnown),
        };
        result->NextEip = code.Position;
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
        SetRegister(cpu, modrm.Reg, result);
        return true;
    }

    // Groups 1, 3, 4, 5 and 11: the middle field of ModRM says what to do, and an immediate may follow.
    private static bool WithExtendedOpcode(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, uint opcode, MemoryOperation* result, bool* isKnown)
    {
        ModRm modrm;
        if (!Operand(cpu, code, prefixes, &modrm, result, isKnown))
            return false;
        switch (opcode)
        {
            case 0x80 or 0x81:
                result->Alu = (AluOp)modrm.Reg;
                return code->Number(cpu, result->Width, &result->Source);
            case 0x83:
                result->Alu = (AluOp)modrm.Reg;
                if (!code->SignedByte(cpu, &result->Source))
                    return false;
                result->Source &= result->Width == 2 ? 0xFFFF : 0xFFFF_FFFF;
                return true;
            case 0xC6 or 0xC7:
                result->Form = MemoryForm.Store;
                *isKnown &= modrm.Reg == 0;
                return code->Number(cpu, result->Width, &result->Source);
            case 0xF6 or 0xF7:
                result->Alu = modrm.Reg < 2 ? AluOp.Test : modrm.Reg == 2 ? AluOp.Not : AluOp.Negate;
                *isKnown &= modrm.Reg < 4;
                return modrm.Reg >= 2 || code->Number(cpu, result->Width, &result->Source);
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
        result->RegisterWidth = prefixes->HasOperandSize ? 2u : 4;
        if (!Operand(cpu, code, prefixes, &modrm, result, isKnown))
            return false;
        result->Register = modrm.Reg;
        return true;
    }

    private static bool Absolute(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, uint opcode, MemoryOperation* result)
    {
        uint segment;
        result->Form = (opcode & 2) == 0 ? MemoryForm.Load : MemoryForm.Store;
        if (!code->Number(cpu, prefixes->HasAddressSize ? 2u : 4, &result->Address) || !EffectiveAddress.SegmentBase(cpu, prefixes->Segment, &segment))
            return false;
        result->Address += segment;
        SetRegister(cpu, Eax, result);
        return true;
    }

    private static bool String(Vcpu* cpu, Prefixes* prefixes, MemoryForm form, MemoryOperation* result, bool* isKnown)
    {
        uint segment;
        *isKnown = !prefixes->HasAddressSize;
        if (!EffectiveAddress.SegmentBase(cpu, form == MemoryForm.StoreString ? 0 : prefixes->Segment, &segment))
            return false;
        result->Form = form;
        result->Address = form == MemoryForm.StoreString ? cpu->Edi : cpu->Esi + segment;
        SetRegister(cpu, Eax, result);
        return true;
    }

    private static bool Operand(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, ModRm* modrm, MemoryOperation* result, bool* isKnown)
    {
        uint segment;
        bool isComplete = prefixes->HasAddressSize ? EffectiveAddress.Decode16(cpu, code, modrm) : EffectiveAddress.Decode(cpu, code, modrm);
        if (!isComplete || !EffectiveAddress.SegmentBase(cpu, prefixes->Segment, &segment))
            return false;
        *isKnown = modrm->IsMemory;
        result->Address = modrm->Address + segment;
        return true;
    }

    private static void SetRegister(Vcpu* cpu, uint number, MemoryOperation* result)
    {
        result->Register = number;
        result->Source = Operands.Register(cpu, number, result->Width);
    }
}
