using Iced.Intel;
using LilyVM.Abi;

namespace LilyVM.Native;

/// <summary>
/// Recognises the sequences on the vCPU page that the preprocessor puts in place of cli, sti, pushf and popf (DESIGN.md, section 5). A note that
/// points anywhere else must never make us overwrite code.
/// </summary>
internal static class InlineForm
{
    /// <summary>The instructions that an inline form may stand for: all their encodings. Low bits of push and pop name a register.</summary>
    internal static bool IsKnownOriginal(InlineSite site) => (site.OriginalLength, site.Original0, site.Original1) switch
    {
        (1, 0xFA, _) => true, // cli
        (1, 0xFB, _) => true, // sti
        (1, 0x9C, _) => true, // pushf
        (1, 0x9D, _) => true, // popf
        (2, 0x9C, >= 0x58 and <= 0x5F) => true, // pushf; pop %reg
        (2, >= 0x50 and <= 0x57, 0x9D) => true, // push %reg; popf
        _ => false,
    };

    /// <summary>
    /// Whether the bytes decode to whole instructions, of which one at least names the virtual interrupt flag and none goes anywhere but forward
    /// within the form or to the library.
    /// </summary>
    internal static bool Matches(ReadOnlyMemory<byte> code, uint address)
    {
        var decoder = Decoder.Create(32, new ByteArrayCodeReader(code.ToArray()), address);
        uint end = address + (uint)code.Length;
        bool namesFlag = false;
        while (decoder.IP < end)
        {
            Instruction instruction = decoder.Decode();
            if (instruction.IsInvalid || instruction.NextIP > end)
                return false;
            namesFlag |= NamesFlag(instruction);
            bool stays = instruction.FlowControl switch
            {
                FlowControl.Next => true,
                FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch => instruction.NearBranch32 >= address && instruction.NearBranch32 <= end,
                FlowControl.Call => LibraryEntries.At(instruction.NearBranch32) is not null,
                _ => false,
            };
            if (!stays)
                return false;
        }
        return namesFlag;
    }

    private static bool NamesFlag(in Instruction instruction) =>
        instruction.MemoryBase == Register.None && instruction.MemoryIndex == Register.None && instruction.MemorySegment == Register.SS &&
        instruction.MemoryDisplacement32 is >= VmArea.Vcpu and < VmArea.Vcpu + sizeof(uint);
}
