using Iced.Intel;
using LilyVM.Abi;
using LilyVM.Boot;

namespace LilyVM.Native;

/// <summary>
/// Recognises what the preprocessor puts in the place of an instruction that a machine in ring 0 must execute itself (docs/abi.md, "Inline
/// forms"): sequences on the vCPU page, and in 64-bit code the call that stands for INT. A note that points anywhere else must never make
/// us overwrite code.
/// </summary>
internal static class InlineForm
{
    private const int PageSize = 0x1000, InterruptFlagSize = sizeof(uint);

    /// <summary>The instructions that an inline form may stand for, in all their encodings.</summary>
    internal static bool IsKnownOriginal(ConvertedSite site, GuestArchitecture architecture)
    {
        byte[] bytes = site.OriginalBytes();
        if (bytes.Length != site.OriginalLength || bytes.Length == 0)
            return false;
        var decoder = Decoder.Create(architecture.Bits, new ByteArrayCodeReader(bytes), 0);
        bool isSensitive = false;
        while (decoder.IP < (ulong)bytes.Length)
        {
            Instruction instruction = decoder.Decode();
            bool hasForm = architecture.Bits == 32 ? HasForm32(instruction) : HasForm64(instruction);
            if (!hasForm && !IsCompanion(instruction))
                return false;
            isSensitive |= hasForm;
        }
        return isSensitive;
    }

    /// <summary>
    /// Whether the bytes decode to whole instructions, of which one at least names the vCPU page (in 32-bit code, the virtual interrupt
    /// flag) or stands for INT, and none goes anywhere but forward within the form or to the library.
    /// </summary>
    internal static bool Matches(ReadOnlyMemory<byte> code, ulong address, GuestArchitecture architecture)
    {
        var decoder = Decoder.Create(architecture.Bits, new ByteArrayCodeReader(code.ToArray()), address);
        ulong end = address + (ulong)code.Length;
        bool isForm = false;
        while (decoder.IP < end)
        {
            Instruction instruction = decoder.Decode();
            if (instruction.IsInvalid || instruction.NextIP > end)
                return false;
            LibraryEntry? called = instruction.FlowControl == FlowControl.Call
                ? architecture.Entries.At(instruction.NearBranchTarget) : null;
            isForm |= NamesPage(instruction, architecture) || (architecture.Bits == 64 && called?.Operation == Operation.Int);
            bool stays = instruction.FlowControl switch
            {
                FlowControl.Next => true,
                FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch =>
                    instruction.NearBranchTarget >= address && instruction.NearBranchTarget <= end,
                FlowControl.Call => called is not null,
                _ => false,
            };
            if (!stays)
                return false;
        }
        return isForm;
    }

    private static bool HasForm32(in Instruction instruction) =>
        instruction.Code is Code.Cli or Code.Sti or Code.Pushfd or Code.Popfd;

    // Reads of registers have another register as their destination.
    private static bool HasForm64(in Instruction instruction) => instruction.Mnemonic switch
    {
        Mnemonic.Cli or Mnemonic.Sti or Mnemonic.Pushfq or Mnemonic.Swapgs or Mnemonic.Int or Mnemonic.Int3 => true,
        Mnemonic.Mov => instruction.Op1Kind == OpKind.Register &&
            (instruction.Op1Register.IsCR() || instruction.Op1Register.IsDR() || instruction.Op1Register.IsSegmentRegister()),
        Mnemonic.Push => instruction.Op0Kind == OpKind.Register && instruction.Op0Register is Register.FS or Register.GS,
        _ => false,
    };

    // PUSHF and POPF are often joined with the push or pop that moves the flags from or to a register.
    private static bool IsCompanion(in Instruction instruction) =>
        instruction.Code is Code.Pop_r32 or Code.Push_r32 or Code.Pop_r64 or Code.Push_r64;

    private static bool NamesPage(in Instruction instruction, GuestArchitecture architecture)
    {
        if (instruction.MemoryBase is not (Register.None or Register.RIP) || instruction.MemoryIndex != Register.None)
            return false;
        ulong address = instruction.MemoryDisplacement64;
        return architecture.Bits == 32
            ? instruction.MemorySegment == Register.SS && address - architecture.VcpuPage < InterruptFlagSize
            : address - architecture.VcpuPage < PageSize;
    }
}
