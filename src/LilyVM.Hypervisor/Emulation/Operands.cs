using LilyVM.Hypervisor.Guest;
using LilyVM.Hypervisor.Mmu;

namespace LilyVM.Hypervisor.Emulation;

/// <summary>The guest's stack and operands as instructions use them. Safe: guest memory is reached through the page walk only.</summary>
internal static unsafe class Operands
{
    /// <summary>Pushes a word; on a fault ESP stays.</summary>
    public static bool Push(Vcpu* cpu, uint value)
    {
        if (!GuestMemory.Write32(cpu, cpu->Esp - 4, Privilege.Access(cpu, AccessFlags.Write), value))
            return false;
        cpu->Esp -= 4;
        return true;
    }

    /// <summary>Reads the word on top.</summary>
    public static bool Peek(Vcpu* cpu, uint* value) => GuestMemory.Read32(cpu, cpu->Esp, Privilege.Access(cpu, AccessFlags.Read), value);

    /// <summary>The 16-bit source operand of an instruction.</summary>
    public static bool Source16(Vcpu* cpu, Request* request, uint* value)
    {
        *value = request->Value & 0xFFFF;
        return !request->IsMemory || GuestMemory.Read16(cpu, request->Address, Privilege.Access(cpu, AccessFlags.Read), value);
    }

    /// <summary>Stores to memory (16 bits), or to the register that is named (as wide as the operand).</summary>
    public static bool Store(Vcpu* cpu, Request* request, uint value)
    {
        if (request->IsMemory)
            return GuestMemory.Write16(cpu, request->Address, Privilege.Access(cpu, AccessFlags.Write), value & 0xFFFF);
        SetRegister(cpu, request->Register, request->Width, value);
        return true;
    }

    /// <summary>Sets a general register; a narrow write leaves the rest of it (SDM vol. 1, 3.4.1.1). Byte registers 4 to 7 are AH to BH.</summary>
    public static void SetRegister(Vcpu* cpu, uint number, uint width, uint value)
    {
        uint* registers = &cpu->Eax;
        if (width == 4)
            registers[number & 7] = value;
        else if (width == 2)
            registers[number & 7] = (registers[number & 7] & 0xFFFF_0000) | (value & 0xFFFF);
        else if ((number & 4) == 0)
            registers[number & 3] = (registers[number & 3] & 0xFFFF_FF00) | (value & 0xFF);
        else
            registers[number & 3] = (registers[number & 3] & 0xFFFF_00FF) | (value & 0xFF) << 8;
    }

    /// <summary>Reads a general register.</summary>
    public static uint Register(Vcpu* cpu, uint number, uint width)
    {
        uint* registers = &cpu->Eax;
        return width switch
        {
            4 => registers[number & 7],
            2 => registers[number & 7] & 0xFFFF,
            _ => (number & 4) == 0 ? registers[number & 3] & 0xFF : registers[number & 3] >> 8 & 0xFF,
        };
    }
}
