namespace LilyVM.Hypervisor.Emulation;

/// <summary>The guest's stack and operands as instructions use them. Safe: guest memory is reached through the page walk only.</summary>
internal static unsafe class Operands
{
    /// <summary>In the number of a byte register: bits 8 to 15 of it, AH to BH.</summary>
    public const uint HighByte = 0x20;

    /// <summary>Pushes a word; on a fault the stack pointer stays.</summary>
    public static bool Push(Vcpu* cpu, Word value)
    {
        if (!GuestMemory.WriteWord(cpu, cpu->Sp - sizeof(Word), Privilege.Access(cpu, AccessFlags.Write), value))
            return false;
        cpu->Sp -= sizeof(Word);
        return true;
    }

    /// <summary>Reads the word on top.</summary>
    public static bool Peek(Vcpu* cpu, Word* value) => GuestMemory.ReadWord(cpu, cpu->Sp, Privilege.Access(cpu, AccessFlags.Read), value);

    /// <summary>The 16-bit source operand of an instruction.</summary>
    public static bool Source16(Vcpu* cpu, Request* request, uint* value)
    {
        *value = (uint)request->Value & 0xFFFF;
        return !request->IsMemory || GuestMemory.Read16(cpu, request->Address, Privilege.Access(cpu, AccessFlags.Read), value);
    }

    /// <summary>Stores to memory (16 bits), or to the register that is named (as wide as the operand).</summary>
    public static bool Store(Vcpu* cpu, Request* request, Word value)
    {
        if (request->IsMemory)
            return GuestMemory.Write16(cpu, request->Address, Privilege.Access(cpu, AccessFlags.Write), (uint)value & 0xFFFF);
        SetRegister(cpu, request->Register, request->Width, value);
        return true;
    }

    /// <summary>The number of a byte register as an instruction names it: without REX, 4 to 7 are AH to BH.</summary>
    public static uint ByteRegister(uint number, uint rex) => number is >= 4 and < 8 && rex == 0 ? (number - 4) | HighByte : number;

    /// <summary>
    /// Sets a general register; a narrow write leaves the rest of it, one of 32 bits in 64-bit code clears it (SDM vol. 1, 3.4.1.1). Byte
    /// registers have the numbers of <see cref="ByteRegister"/>.
    /// </summary>
    public static void SetRegister(Vcpu* cpu, uint number, uint width, Word value)
    {
        Word* register = &cpu->Ax + (number & Architecture.LastRegister);
        if (width == sizeof(Word))
            *register = value;
        else if (width == 4)
            *register = (uint)value;
        else if (width == 2)
            *register = (*register & ~(Word)0xFFFF) | (value & 0xFFFF);
        else if ((number & HighByte) == 0)
            *register = (*register & ~(Word)0xFF) | (value & 0xFF);
        else
            *register = (*register & ~(Word)0xFF00) | (value & 0xFF) << 8;
    }

    /// <summary>Reads a general register.</summary>
    public static Word Register(Vcpu* cpu, uint number, uint width)
    {
        Word value = (&cpu->Ax)[number & Architecture.LastRegister];
        if (width == 1)
            return (number & HighByte) == 0 ? value & 0xFF : value >> 8 & 0xFF;
        return value & Alu.Mask(width);
    }
}
