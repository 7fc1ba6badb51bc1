namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// The REX prefix of 64-bit code (SDM vol. 2, 2.2.1), as its byte or 0. What it adds to the number of a register is 0 or 8.
/// </summary>
internal static class Rex
{
    private const uint Mask = 0xF0, First = 0x40, Wide = 8;

    /// <summary>Whether a byte is one.</summary>
    public static bool Is(uint value) => Architecture.Is64Bit && (value & Mask) == First;

    /// <summary>Whether operands have 64 bits.</summary>
    public static bool IsWide(uint rex) => Architecture.Is64Bit && (rex & Wide) != 0;

    /// <summary>What it adds to the register in the middle field of ModRM.</summary>
    public static uint Register(uint rex) => Architecture.Is64Bit ? rex << 1 & 8 : 0;

    /// <summary>What it adds to an index register.</summary>
    public static uint Index(uint rex) => Architecture.Is64Bit ? rex << 2 & 8 : 0;

    /// <summary>What it adds to a base register, or to a register operand of ModRM.</summary>
    public static uint Base(uint rex) => Architecture.Is64Bit ? rex << 3 & 8 : 0;
}
