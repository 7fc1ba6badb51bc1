using LilyVM.Hypervisor.Guest;

namespace LilyVM.Hypervisor.Emulation;

/// <summary>The prefixes of one instruction.</summary>
internal unsafe struct Prefixes
{
    private const int MostBytes = 14; // an instruction has at most 15

    /// <summary>The last segment override, or 0.</summary>
    public uint Segment;

    /// <summary>What was there besides.</summary>
    public bool HasOperandSize, HasAddressSize, HasRepeat, HasLock;

    /// <summary>Reads prefixes up to the opcode, which goes to <paramref name="opcode"/>.</summary>
    public static bool Read(Vcpu* cpu, CodeReader* code, Prefixes* result, uint* opcode)
    {
        result->Segment = 0;
        result->HasOperandSize = result->HasAddressSize = result->HasRepeat = result->HasLock = false;
        for (int i = 0; i <= MostBytes; i++)
        {
            if (!code->Byte(cpu, opcode))
                return false;
            switch (*opcode)
            {
                case Prefix.Es or Prefix.Cs or Prefix.Ss or Prefix.Ds or Prefix.Fs or Prefix.Gs:
                    result->Segment = *opcode;
                    break;
                case Prefix.OperandSize:
                    result->HasOperandSize = true;
                    break;
                case Prefix.AddressSize:
                    result->HasAddressSize = true;
                    break;
                case Prefix.Repeat or Prefix.RepeatNotEqual:
                    result->HasRepeat = true;
                    break;
                case Prefix.Lock:
                    result->HasLock = true;
                    break;
                default:
                    return true;
            }
        }
        return Privilege.GeneralProtection(cpu, 0);
    }
}
