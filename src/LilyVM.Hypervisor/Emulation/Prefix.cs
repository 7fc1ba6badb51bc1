namespace LilyVM.Hypervisor.Emulation;

/// <summary>Instruction prefixes (SDM vol. 2, 2.1.1).</summary>
internal static class Prefix
{
    /// <summary>Segment overrides.</summary>
    public const uint Es = 0x26, Cs = 0x2E, Ss = 0x36, Ds = 0x3E, Fs = 0x64, Gs = 0x65;

    /// <summary>16-bit operands; 16-bit addresses; atomic; repetition.</summary>
    public const uint OperandSize = 0x66, AddressSize = 0x67, Lock = 0xF0, RepeatNotEqual = 0xF2, Repeat = 0xF3;
}
