using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// Reads instruction bytes, four at a time where that stays within a page. A failed read leaves the page fault in <see cref="Vcpu.Fault"/>.
/// </summary>
internal unsafe struct CodeReader
{
    private uint word;
    private uint left;

    /// <summary>Bytes of a NOP with a general register as address and nothing else.</summary>
    public const uint PlainNopSize = 3;

    /// <summary>Linear address of the next byte.</summary>
    public Word Position;

    /// <summary>Makes a reader of what is at an address.</summary>
    public static void Start(CodeReader* reader, Word position)
    {
        reader->Position = position;
        reader->left = 0;
    }

    /// <summary>The next byte.</summary>
    public bool Byte(Vcpu* cpu, uint* value)
    {
        if (left == 0 && !Fill(cpu))
            return false;
        *value = word & 0xFF;
        word >>= 8;
        left--;
        Position++;
        return true;
    }

    /// <summary>The next <paramref name="count"/> bytes (1 to 4), lowest first.</summary>
    public bool Number(Vcpu* cpu, uint count, uint* value)
    {
        uint result = 0;
        for (uint i = 0; i < count; i++)
        {
            uint part;
            if (!Byte(cpu, &part))
                return false;
            result |= part << (int)(8 * i);
        }
        *value = result;
        return true;
    }

    /// <summary>The next <paramref name="count"/> bytes (1, 2 or 4), sign-extended.</summary>
    public bool SignedNumber(Vcpu* cpu, uint count, Word* value)
    {
        uint number;
        if (!Number(cpu, count, &number))
            return false;
        *value = count switch
        {
            1 => (Word)(sbyte)number,
            2 => (Word)(short)number,
            _ => (Word)(int)number,
        };
        return true;
    }

    /// <summary>An immediate operand of so many bytes; one of 8 is stored in 4, sign-extended.</summary>
    public bool Immediate(Vcpu* cpu, uint width, Word* value)
    {
        if (Architecture.Is64Bit && width == 8)
            return SignedNumber(cpu, 4, value);
        uint number;
        bool isComplete = Number(cpu, width, &number);
        *value = number;
        return isComplete;
    }

    /// <summary>An address as an instruction holds it whole.</summary>
    public bool Address(Vcpu* cpu, bool isNarrow, Word* value)
    {
        uint low, high = 0;
        bool isComplete = Architecture.Is64Bit
            ? Number(cpu, 4, &low) && (isNarrow || Number(cpu, 4, &high))
            : Number(cpu, isNarrow ? 2u : 4, &low);
        *value = (Word)((ulong)high << 32 | low);
        return isComplete;
    }

    /// <summary>
    /// Reads NOP with a general register as address and nothing else, as most operands are; false, with nothing read, if there is something
    /// else.
    /// </summary>
    public bool PlainNop(Vcpu* cpu, uint* register)
    {
        if (left == 0 && !Fill(cpu))
            return false;
        if (left < PlainNopSize || !IsPlainNop(word, register))
            return false;
        word >>= (int)PlainNopSize * 8;
        left -= PlainNopSize;
        Position += PlainNopSize;
        return true;
    }

    /// <summary>Whether the lowest bytes of a word are such a NOP; <paramref name="register"/> is its register then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsPlainNop(uint word, uint* register)
    {
        const uint Opcode = 0x1F0F, Sib = 4, Absolute = 5;
        uint number = word >> 16 & 0xFF;
        *register = number;
        return (word & 0xFFFF) == Opcode && number <= 7 && number is not (Sib or Absolute);
    }

    private bool Fill(Vcpu* cpu)
    {
        uint value;
        uint access = Privilege.Access(cpu, AccessFlags.Read);
        bool whole = (Position & 0xFFF) <= 0xFFC;
        if (!(whole ? GuestMemory.Read32(cpu, Position, access, &value) : GuestMemory.Read8(cpu, Position, access, &value)))
            return false;
        word = value;
        left = whole ? 4u : 1;
        return true;
    }
}
