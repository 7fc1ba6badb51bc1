namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// How many bytes an instruction of 64-bit code has, for whoever looks for the next one (SDM vol. 2, appendix A). Knows all opcodes of one
/// and two bytes and the maps of VEX and EVEX; what is not an instruction, or not known, has no length.
/// </summary>
internal static unsafe class InstructionLength
{
    private const uint Most = 15; // bytes of an instruction

    // For each opcode of one byte, from 0: n none, m ModRM, b ModRM and a byte, w ModRM and a word of 16 or 32 bits, 1 a byte (of 0F 20 to
    // 23 the ModRM, which names registers in any case), 2 two, 3 three, 4 a word of 16 or 32 bits, r a distance of 32 bits, i a word that
    // REX.W makes 64 bits, a an address, t test (ModRM, with an immediate if its register is 0 or 1), x nothing that is known.
    private static System.ReadOnlySpan<byte> OneByte =>
        "mmmm14xxmmmm14xxmmmm14xxmmmm14xxmmmm14xxmmmm14xxmmmm14xxmmmm14xx"u8 +
        "xxxxxxxxxxxxxxxxnnnnnnnnnnnnnnnnxxxmxxxx4w1bnnnn1111111111111111"u8 +
        "bwxbmmmmmmmmmmmxnnnnnnnnnnxnnnnnaaaannnn14nnnnnn11111111iiiiiiii"u8 +
        "bb2nxxbw3n2nn1xnmmmmxxxnmmmmmmmm11111111rrx1nnnnxnxxnnttnnnnnnmm"u8;

    private static System.ReadOnlySpan<byte> TwoBytes =>
        "mmmmxnnnnnxnxmnxmmmmmmmmmmmmmmmm1111xxxxmmmmmmmmnnnnnnxnxxxxxxxx"u8 +
        "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmbbbbmmmnxmxxmmmm"u8 +
        "rrrrrrrrrrrrrrrrmmmmmmmmmmmmmmmmnnnmbmxxnnnmbmmmmmmmmmmmmmbmmmmm"u8 +
        "mmbmbbbmnnnnnnnnmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm"u8;

    /// <summary>The length of the instruction at <paramref name="code"/>, of which so many bytes may be read; 0 if there is none.</summary>
    public static uint Of(byte* code, uint available)
    {
        uint at = 0, most = available < Most ? available : Most;
        bool isNarrow = false, isWide = false, shortAddress = false;
        for (; at < most; at++)
        {
            uint prefix = code[at];
            if (prefix is Prefix.OperandSize)
                isNarrow = true;
            else if (prefix is Prefix.AddressSize)
                shortAddress = true;
            else if (prefix is not (Prefix.Repeat or Prefix.RepeatNotEqual or Prefix.Lock or Prefix.Es or Prefix.Cs or Prefix.Ss
                or Prefix.Ds or Prefix.Fs
                or Prefix.Gs))
                break;
        }
        if (at < most && (code[at] & 0xF0) == 0x40)
            isWide = (code[at++] & 8) != 0;
        if (at + 1 >= most)
            return at < most && OneByte[code[at]] == 'n' ? at + 1 : 0;
        uint opcode = code[at++];
        byte kind;
        if (opcode is 0xC4 or 0xC5 or 0x62)
            return Vector(code, at, most, opcode);
        if (opcode != 0x0F)
        {
            kind = OneByte[(int)opcode];
        }
        else
        {
            opcode = code[at++];
            if (opcode is 0x38 or 0x3A)
            {
                kind = opcode == 0x38 ? (byte)'m' : (byte)'b';
                at++;
            }
            else
            {
                kind = TwoBytes[(int)opcode];
            }
        }
        return Rest(code, at, most, kind, isNarrow, isWide, shortAddress);
    }

    private static uint Rest(byte* code, uint at, uint most, byte kind, bool isNarrow, bool isWide, bool shortAddress)
    {
        uint word = isNarrow && !isWide ? 2u : 4;
        switch (kind)
        {
            case (byte)'n':
                break;
            case (byte)'1' or (byte)'2' or (byte)'3':
                at += (uint)(kind - '0');
                break;
            case (byte)'4':
                at += word;
                break;
            case (byte)'r':
                at += 4; // AMD's processors take 16 bits behind an operand size prefix, but no assembler writes that
                break;
            case (byte)'i':
                at += isWide ? 8 : word;
                break;
            case (byte)'a':
                at += shortAddress ? 4u : 8;
                break;
            case (byte)'x':
                return 0;
            default:
                if (at >= most)
                    return 0;
                bool tests = kind == 't' && (code[at] >> 3 & 7) < 2, isByte = (code[at - 1] & 1) == 0;
                at = Operand(code, at, most);
                if (at == 0)
                    return 0;
                at += kind == 'b' || (tests && isByte) ? 1u : kind == 'w' || tests ? word : 0;
                break;
        }
        return at <= most ? at : 0;
    }

    // VEX and EVEX: all have ModRM but VZEROUPPER and VZEROALL.
    private static uint Vector(byte* code, uint at, uint most, uint escape)
    {
        uint bytes = escape == 0xC5 ? 1u : escape == 0xC4 ? 2u : 3u;
        if (at + bytes + 1 > most)
            return 0;
        uint map = escape == 0xC5 ? 1u : escape == 0xC4 ? code[at] & 0x1Fu : code[at] & 7u, opcode = code[at + bytes];
        at += bytes + 1;
        if (map == 1 && opcode == 0x77)
            return at;
        bool hasByte = map == 3 || (map == 1 && TwoBytes[(int)opcode] == 'b');
        if (map is 0 or 4 or > 6)
            return 0;
        at = Operand(code, at, most);
        if (at != 0 && hasByte)
            at++;
        return at <= most ? at : 0;
    }

    // Behind ModRM, SIB and displacement; 0 if they are not all there.
    private static uint Operand(byte* code, uint at, uint most)
    {
        if (at >= most)
            return 0;
        uint modrm = code[at++], mod = modrm >> 6, rm = modrm & 7, displacement = mod == 1 ? 1u : mod == 2 ? 4u : 0;
        if (mod != 3 && rm == 4)
        {
            if (at >= most)
                return 0;
            if (mod == 0 && (code[at] & 7) == 5)
                displacement = 4;
            at++;
        }
        else if (mod == 0 && rm == 5)
        {
            displacement = 4;
        }
        at += displacement;
        return at <= most ? at : 0;
    }
}
