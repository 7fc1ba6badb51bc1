using Iced.Intel;
using LilyVM.Abi;

namespace LilyVM.Audit;

/// <summary>
/// Checks branches into the VM area: each must be a call of a jump table entry, followed by the NOPs that carry the entry's operands
/// (<see cref="OperandKind"/>). Anything else would make the library read garbage at run time.
/// </summary>
internal static class CallSites
{
    internal static bool IsBranchToVmArea(in Instruction instruction) =>
        instruction.FlowControl is FlowControl.Call or FlowControl.UnconditionalBranch or FlowControl.ConditionalBranch &&
        instruction.Op0Kind == OpKind.NearBranch32 && instruction.NearBranch32 >= VmArea.Base; // the area ends at 4 GiB

    /// <summary>The entry that is called and what is wrong with the site, null if nothing is.</summary>
    internal static (LibraryEntry? Entry, string? Problem) Check(in Instruction call, ReadOnlyMemory<byte> following)
    {
        LibraryEntry? entry = LibraryEntries.At(call.NearBranch32);
        if (entry is null)
            return (null, "target is no entry of the jump table");
        if (call.Code != Code.Call_rel32_32)
            return (entry, "the library is entered by something else than a call");
        var decoder = Decoder.Create(32, new ByteArrayCodeReader(following.ToArray()));
        foreach (OperandKind kind in entry.Operands)
        {
            decoder.Decode(out Instruction nop);
            if (nop.Code is not (Code.Nop_rm32 or Code.Nop_rm16) || nop.Op0Kind != OpKind.Memory || !Carries(nop, kind))
                return (entry, $"lily_{entry.Name} wants {Describe(entry)} after the call");
        }
        return (entry, null);
    }

    private static bool Carries(in Instruction nop, OperandKind kind)
    {
        bool baseOnly = nop.MemoryBase != Register.None && nop.MemoryIndex == Register.None && nop.MemoryDisplacement32 == 0;
        bool absolute = nop.MemoryBase == Register.None && nop.MemoryIndex == Register.None;
        return kind switch
        {
            OperandKind.Memory => true,
            OperandKind.Value => baseOnly || absolute,
            OperandKind.Register => baseOnly,
            _ => false,
        };
    }

    private static string Describe(LibraryEntry entry) =>
        "a NOP for " + string.Join(" and ", entry.Operands.Select(o => $"a {o.ToString().ToLowerInvariant()} operand"));
}
