using LilyVM.Hypervisor.Guest;

namespace LilyVM.Hypervisor.Emulation;

/// <summary>A decoded ModRM operand (SDM vol. 2, tables 2-1 to 2-3).</summary>
internal struct ModRm
{
    /// <summary>The middle field: a register or an extension of the opcode.</summary>
    public uint Reg;

    /// <summary>Number of the register, if the operand is one; else of the base register, or <see cref="EffectiveAddress.NoBase"/>.</summary>
    public uint Base;

    /// <summary>Whether the operand is in memory.</summary>
    public bool IsMemory;

    /// <summary>Address of the memory operand, before the segment base is added.</summary>
    public uint Address;
}

/// <summary>Decodes ModRM, SIB and displacement. Safe: reads guest memory through the page walk only.</summary>
internal static unsafe class EffectiveAddress
{
    /// <summary>No base register.</summary>
    public const uint NoBase = 8;

    private const uint Ebx = 3, Esp = 4, Ebp = 5, Esi = 6, Edi = 7;

    /// <summary>Decodes with 32-bit addressing. General registers are taken from the vCPU as they are.</summary>
    public static bool Decode(Vcpu* cpu, CodeReader* code, ModRm* result)
    {
        uint modrm, displacement = 0;
        if (!code->Byte(cpu, &modrm))
            return false;
        uint mod = modrm >> 6, basis = modrm & 7, address = 0;
        result->Reg = modrm >> 3 & 7;
        result->IsMemory = mod != 3;
        result->Base = basis;
        if (mod == 3)
            return true;
        if (basis == Esp)
        {
            uint sib;
            if (!code->Byte(cpu, &sib))
                return false;
            basis = sib & 7;
            uint index = sib >> 3 & 7;
            if (index != Esp) // ESP as index means none
                address = (&cpu->Eax)[index] << (int)(sib >> 6);
        }
        bool isAbsolute = basis == Ebp && mod == 0;
        if (mod == 1 ? !code->SignedByte(cpu, &displacement) : (mod == 2 || isAbsolute) && !code->Number(cpu, 4, &displacement))
            return false;
        result->Base = isAbsolute ? NoBase : basis;
        result->Address = address + displacement + (isAbsolute ? 0 : (&cpu->Eax)[basis]);
        return true;
    }

    /// <summary>Decodes with 16-bit addressing (prefix 67).</summary>
    public static bool Decode16(Vcpu* cpu, CodeReader* code, ModRm* result)
    {
        uint modrm, displacement = 0;
        if (!code->Byte(cpu, &modrm))
            return false;
        uint mod = modrm >> 6, rm = modrm & 7;
        result->Reg = modrm >> 3 & 7;
        result->IsMemory = mod != 3;
        result->Base = mod == 3 ? rm : NoBase;
        if (mod == 3)
            return true;
        bool isAbsolute = rm == 6 && mod == 0;
        if (mod == 1 ? !code->SignedByte(cpu, &displacement) : (mod == 2 || isAbsolute) && !code->Number(cpu, 2, &displacement))
            return false;
        uint* registers = &cpu->Eax;
        uint address = rm switch
        {
            0 => registers[Ebx] + registers[Esi],
            1 => registers[Ebx] + registers[Edi],
            2 => registers[Ebp] + registers[Esi],
            3 => registers[Ebp] + registers[Edi],
            4 => registers[Esi],
            5 => registers[Edi],
            6 => isAbsolute ? 0 : registers[Ebp],
            _ => registers[Ebx],
        };
        result->Address = (address + displacement) & 0xFFFF;
        return true;
    }

    /// <summary>
    /// The base that a segment prefix adds; 0 for none. CS, DS, ES and SS count as flat. A null FS or GS faults as the access would.
    /// </summary>
    public static bool SegmentBase(Vcpu* cpu, uint prefix, uint* value)
    {
        *value = 0;
        if (prefix is not (Prefix.Fs or Prefix.Gs))
            return true;
        uint number = prefix == Prefix.Fs ? 4u : 5;
        if (((&cpu->Page->Es)[number] & 0xFFFC) == 0)
            return Privilege.GeneralProtection(cpu, 0);
        *value = Segments.Base(cpu, number);
        return true;
    }
}
