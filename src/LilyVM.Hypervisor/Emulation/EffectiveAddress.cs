namespace LilyVM.Hypervisor.Emulation;

/// <summary>A decoded ModRM operand (SDM vol. 2, tables 2-1 to 2-3).</summary>
internal struct ModRm
{
    /// <summary>The middle field: a register or an extension of the opcode.</summary>
    public uint Reg;

    /// <summary>
    /// Number of the register, if the operand is one; else of the base register, or <see cref="EffectiveAddress.NoBase"/>.
    /// </summary>
    public uint Base;

    /// <summary>Whether the operand is in memory.</summary>
    public bool IsMemory;

    /// <summary>
    /// Whether <see cref="Address"/> lacks the address of the next instruction, which 64-bit code has without a base (SDM vol. 2, 2.2.1.6).
    /// </summary>
    public bool IsIpRelative;

    /// <summary>Address of the memory operand, before the segment base is added.</summary>
    public Word Address;
}

/// <summary>Decodes ModRM, SIB and displacement. Safe: reads guest memory through the page walk only.</summary>
internal static unsafe class EffectiveAddress
{
    /// <summary>No base register.</summary>
    public const uint NoBase = 16;

    private const uint Bx = 3, Sp = 4, Bp = 5, Si = 6, Di = 7;

    /// <summary>Decodes as the prefixes say: prefix 67 makes addresses 16 bits wide, or 32 in 64-bit code.</summary>
    public static bool Decode(Vcpu* cpu, CodeReader* code, Prefixes* prefixes, ModRm* result)
    {
        if (!prefixes->HasAddressSize)
            return Decode(cpu, code, prefixes->Rex, result);
        if (!Architecture.Is64Bit)
            return Decode16(cpu, code, result);
        bool isComplete = Decode(cpu, code, prefixes->Rex, result);
        result->Address &= 0xFFFF_FFFF;
        return isComplete;
    }

    /// <summary>Decodes with addresses of the usual width. General registers are taken from the vCPU as they are.</summary>
    public static bool Decode(Vcpu* cpu, CodeReader* code, uint rex, ModRm* result)
    {
        uint modrm;
        Word address = 0, displacement = 0;
        if (!code->Byte(cpu, &modrm))
            return false;
        uint mod = modrm >> 6, basis = modrm & 7;
        bool hasSib = basis == Sp;
        result->Reg = (modrm >> 3 & 7) | Rex.Register(rex);
        result->IsMemory = mod != 3;
        result->IsIpRelative = false;
        result->Base = basis | Rex.Base(rex);
        if (mod == 3)
            return true;
        if (hasSib)
        {
            uint sib;
            if (!code->Byte(cpu, &sib))
                return false;
            basis = sib & 7;
            uint index = (sib >> 3 & 7) | Rex.Index(rex);
            if (index != Sp) // ESP as index means none
                address = (&cpu->Ax)[index] << (int)(sib >> 6);
        }
        bool isAbsolute = basis == Bp && mod == 0;
        if (mod == 1 ? !code->SignedNumber(cpu, 1, &displacement) : (mod == 2 || isAbsolute) && !code->SignedNumber(cpu, 4, &displacement))
            return false;
        basis |= Rex.Base(rex);
        result->Base = isAbsolute ? NoBase : basis;
        result->Address = address + displacement + (isAbsolute ? 0 : (&cpu->Ax)[basis]);
        result->IsIpRelative = Architecture.Is64Bit && isAbsolute && !hasSib;
        return true;
    }

    /// <summary>
    /// The base that a segment prefix adds; 0 for none. CS, DS, ES and SS count as flat. A null FS or GS faults as the access would.
    /// </summary>
    public static bool SegmentBase(Vcpu* cpu, uint prefix, Word* value)
    {
        *value = 0;
        return prefix is not (Prefix.Fs or Prefix.Gs) || Segments.TryBase(cpu, prefix == Prefix.Fs ? Segments.Fs : Segments.Gs, value);
    }

    private static bool Decode16(Vcpu* cpu, CodeReader* code, ModRm* result)
    {
        uint modrm;
        Word displacement = 0;
        if (!code->Byte(cpu, &modrm))
            return false;
        uint mod = modrm >> 6, rm = modrm & 7;
        result->Reg = modrm >> 3 & 7;
        result->IsMemory = mod != 3;
        result->IsIpRelative = false;
        result->Base = mod == 3 ? rm : NoBase;
        if (mod == 3)
            return true;
        bool isAbsolute = rm == 6 && mod == 0;
        if (mod == 1 ? !code->SignedNumber(cpu, 1, &displacement) : (mod == 2 || isAbsolute) && !code->SignedNumber(cpu, 2, &displacement))
            return false;
        Word* registers = &cpu->Ax;
        Word address = rm switch
        {
            0 => registers[Bx] + registers[Si],
            1 => registers[Bx] + registers[Di],
            2 => registers[Bp] + registers[Si],
            3 => registers[Bp] + registers[Di],
            4 => registers[Si],
            5 => registers[Di],
            6 => isAbsolute ? 0 : registers[Bp],
            _ => registers[Bx],
        };
        result->Address = (address + displacement) & 0xFFFF;
        return true;
    }
}
