namespace LilyVM.Hypervisor.Emulation;

/// <summary>The prefixes of one instruction.</summary>
internal unsafe struct Prefixes
{
    private const int MostBytes = 14; // an instruction has at most 15

    /// <summary>The last segment override, or 0.</summary>
    public uint Segment;

    /// <summary>The <see cref="Emulation.Rex"/> prefix, or 0.</summary>
    public uint Rex;

    /// <summary>What was there besides.</summary>
    public bool HasOperandSize, HasAddressSize, HasRepeat, HasLock;

    /// <summary>Bytes of an operand that is not a byte.</summary>
    public readonly uint Width => Emulation.Rex.IsWide(Rex) ? 8u : HasOperandSize ? 2u : 4;

    /// <summary>Reads prefixes up to the opcode, which goes to <paramref name="opcode"/>.</summary>
    public static bool Read(Vcpu* cpu, CodeReader* code, Prefixes* result, uint* opcode)
    {
        result->Segment = result->Rex = 0;
        result->HasOperandSize = result->HasAddressSize = result->HasRepeat = result->HasLock = false;
        for (int i = 0; i <= MostBytes; i++)
        {
            if (!code->Byte(cpu, opcode))
                return false;
            if (Emulation.Rex.Is(*opcode))
            {
                result->Rex = *opcode;
                continue;
            }
            if (!Note(result, *opcode))
                return true;
            result->Rex = 0; // it counts right before the opcode only
        }
        return Privilege.GeneralProtection(cpu, 0);
    }

    // Whether it is one.
    private static bool Note(Prefixes* result, uint prefix)
    {
        switch (prefix)
        {
            case Prefix.Es or Prefix.Cs or Prefix.Ss or Prefix.Ds or Prefix.Fs or Prefix.Gs:
                result->Segment = prefix;
                return true;
            case Prefix.OperandSize:
                return result->HasOperandSize = true;
            case Prefix.AddressSize:
                return result->HasAddressSize = true;
            case Prefix.Repeat or Prefix.RepeatNotEqual:
                return result->HasRepeat = true;
            case Prefix.Lock:
                return result->HasLock = true;
            default:
                return false;
        }
    }
}
