using Iced.Intel;
using LilyVM.Abi;
using LilyVM.Boot;

namespace LilyVM.Audit;

/// <summary>
/// Checks branches into the VM area: each must reach a jump table entry as that wants to be reached (<see cref="EntryUse"/>), and the NOPs
/// that carry the entry's operands must follow (<see cref="OperandKind"/>). Anything else would make the library read garbage at run time.
/// </summary>
internal static class CallSites
{
    private const int LongestOperands = 32; // two NOPs of at most 15 bytes
    private const int SiteRecord = 12, CallSize = 5; // movq $imm32, abs32

    internal static bool IsBranchToVmArea(in Instruction instruction, GuestArchitecture architecture) =>
        Target(instruction, architecture) is { } target && architecture.IsInArea(target);

    /// <summary>The entry that is reached and what is wrong with the site, null if nothing is.</summary>
    internal static (LibraryEntry? Entry, string? Problem) Check(in Instruction branch, ElfSection section, ReadOnlyMemory<byte> code,
        GuestArchitecture architecture)
    {
        bool throughPointer = branch.Op0Kind == OpKind.Memory;
        ulong target = Target(branch, architecture)!.Value;
        LibraryEntry? entry = throughPointer ? ThroughPointer(target, architecture) : architecture.Entries.At(target);
        if (entry is null)
            return (null, "target is no entry of the jump table");
        int start = (int)(branch.IP - section.Address), next = start + branch.Length;
        if (entry.Use == EntryUse.Jump)
            return (entry, CheckJump(branch, code, start));
        if (branch.Code is not (Code.Call_rel32_32 or Code.Call_rel32_64 or Code.Call_rm64))
            return (entry, "the library is entered by something else than a call");
        ReadOnlyMemory<byte> following = code.Slice(next, Math.Min(LongestOperands, code.Length - next));
        var decoder = Decoder.Create(architecture.Bits, new ByteArrayCodeReader(following.ToArray()));
        foreach (OperandKind kind in entry.Operands)
        {
            decoder.Decode(out Instruction nop);
            if (nop.Code is not (Code.Nop_rm32 or Code.Nop_rm16) || nop.Op0Kind != OpKind.Memory || !Carries(nop, kind))
                return (entry, $"lily_{entry.Name} wants {Describe(entry)} after the call");
        }
        return (entry, null);
    }

    private static ulong? Target(in Instruction instruction, GuestArchitecture architecture)
    {
        if (instruction.FlowControl is FlowControl.Call or FlowControl.UnconditionalBranch or FlowControl.ConditionalBranch)
            return instruction.Op0Kind is OpKind.NearBranch32 or OpKind.NearBranch64 ? instruction.NearBranchTarget : null;
        bool isIndirect = instruction.FlowControl is FlowControl.IndirectCall or FlowControl.IndirectBranch;
        return isIndirect && architecture.Bits == 64 && IsAbsolute(instruction) ? instruction.MemoryDisplacement64 : null;
    }

    // Code that runs elsewhere than it was linked calls through a page of pointers.
    private static LibraryEntry? ThroughPointer(ulong address, GuestArchitecture architecture)
    {
        ulong offset = address - Abi.X64.VmArea.Pointers;
        return architecture.Bits == 64 && offset % sizeof(ulong) == 0 && offset / sizeof(ulong) < (ulong)architecture.Entries.All.Count
            ? architecture.Entries.All[(int)(offset / sizeof(ulong))]
            : null;
    }

    // An entry that does not come back learns from the vCPU page where it was reached (docs/abi.md, "x86-64").
    private static string? CheckJump(in Instruction jump, ReadOnlyMemory<byte> code, int start)
    {
        if (jump.FlowControl is not (FlowControl.UnconditionalBranch or FlowControl.IndirectBranch))
            return "the library is entered by something else than a jump";
        const string Missing = "the transfer site is not recorded before the jump";
        if (start < SiteRecord)
            return Missing;
        ulong at = jump.IP - SiteRecord;
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code.Slice(start - SiteRecord, SiteRecord).ToArray()), at);
        Instruction record = decoder.Decode();
        bool recorded = record.Code == Code.Mov_rm64_imm32 && IsAbsolute(record) && record.MemoryDisplacement64 == TransferSite
            && record.Immediate32to64 == (long)(at + CallSize);
        return recorded ? null : Missing;
    }

    private static ulong TransferSite { get; } =
        Abi.X64.VmArea.Vcpu +
            (ulong)System.Runtime.InteropServices.Marshal.OffsetOf<Abi.X64.VcpuPage>(nameof(Abi.X64.VcpuPage.TransferSite));

    private static bool IsAbsolute(in Instruction instruction) =>
        instruction.Op0Kind == OpKind.Memory && instruction.MemoryIndex == Register.None && instruction.MemoryBase == Register.None;

    private static bool Carries(in Instruction nop, OperandKind kind)
    {
        bool baseOnly = nop.MemoryBase is not (Register.None or Register.RIP) && nop.MemoryIndex == Register.None
            && nop.MemoryDisplacement64 == 0;
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
