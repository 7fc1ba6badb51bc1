namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// The long NOPs behind a call of converted code, which hold its operands (docs/abi.md, Calls). Safe: reads through the page walk only.
/// </summary>
internal static unsafe class OperandNops
{
    private const uint Escape = 0x0F, Nop = 0x1F;

    /// <summary>
    /// Decodes all operands of an entry into <paramref name="request"/>, with <paramref name="code"/> at the first NOP and ESP as before
    /// the call. What is no NOP there is #UD.
    /// </summary>
    public static bool Decode(Vcpu* cpu, CodeReader* code, uint operands, Request* request)
    {
        bool hasValue = false;
        for (; operands != EntryTable.NoOperand; operands >>= 2)
        {
            ModRm operand;
            uint prefix;
            if (!Read(cpu, code, &operand, &prefix))
                return false;
            switch (operands & 3)
            {
                case EntryTable.Memory:
                    Word segment;
                    if (!EffectiveAddress.SegmentBase(cpu, prefix, &segment))
                        return false;
                    request->IsMemory = true;
                    request->Address = operand.Address + segment;
                    break;
                case EntryTable.Value when hasValue:
                    request->Offset = operand.Address;
                    break;
                case EntryTable.Value:
                    request->Value = operand.Address;
                    hasValue = true;
                    break;
                default:
                    if (operand.Base == EffectiveAddress.NoBase)
                        return Privilege.InvalidOpcode(cpu);
                    request->Register = operand.Base;
                    break;
            }
        }
        return true;
    }

    /// <summary>
    /// Decodes a call with one operand in memory whose address is in a register, with nothing changed. False if the operand is something
    /// else, or not to be read just now.
    /// </summary>
    /// <param name="cpu">With ESP at the return address.</param>
    /// <param name="target">Where the call returns to: behind the NOP.</param>
    /// <param name="address">The operand's linear address.</param>
    public static bool TryPlain(Vcpu* cpu, Word* target, Word* address)
    {
        uint word, register;
        if (!GuestMemory.ReadWord(cpu, cpu->Sp, AccessFlags.Read, target) || !GuestMemory.Read32(cpu, *target, AccessFlags.Read, &word)
            || !CodeReader.IsPlainNop(word, &register))
            return false;
        *target += CodeReader.PlainNopSize;
        *address = (&cpu->Ax)[register]; // segments but FS and GS start at 0
        return true;
    }

    private static bool Read(Vcpu* cpu, CodeReader* code, ModRm* operand, uint* prefix)
    {
        uint next, basis;
        *prefix = 0;
        if (code->PlainNop(cpu, &basis))
        {
            operand->Reg = 0;
            operand->Base = basis;
            operand->IsMemory = true;
            operand->IsIpRelative = false;
            operand->Address = (&cpu->Ax)[basis];
            return true;
        }
        if (!code->Byte(cpu, &next))
            return false;
        if (next is Prefix.Es or Prefix.Cs or Prefix.Ss or Prefix.Ds or Prefix.Fs or Prefix.Gs)
        {
            *prefix = next;
            if (!code->Byte(cpu, &next))
                return false;
        }
        uint second, rex = 0;
        bool isShort = Architecture.Is64Bit && next == Prefix.AddressSize;
        if (isShort && !code->Byte(cpu, &next))
            return false;
        if (Rex.Is(next))
        {
            rex = next;
            if (!code->Byte(cpu, &next))
                return false;
        }
        if (next != Escape)
            return Privilege.InvalidOpcode(cpu);
        if (!code->Byte(cpu, &second))
            return false;
        if (second != Nop)
            return Privilege.InvalidOpcode(cpu);
        if (!EffectiveAddress.Decode(cpu, code, rex, operand))
            return false;
        if (operand->IsIpRelative)
            operand->Address += code->Position;
        if (isShort)
            operand->Address = (uint)operand->Address;
        return (operand->IsMemory && operand->Reg == 0) || Privilege.InvalidOpcode(cpu);
    }
}
