namespace LilyVM.Abi;

/// <summary>
/// How a call site hands an operand to the library without touching registers, flags or stack: a long NOP after the call, whose addressing
/// form describes the operand (SDM vol. 2, NOP: 0F 1F /0). The call returns to the NOP, which the CPU then skips by executing it.
/// </summary>
public enum OperandKind
{
    /// <summary>A memory operand: the NOP's effective address (and segment) is the operand's.</summary>
    Memory,

    /// <summary>A value: the NOP's effective address, a base register without displacement or an absolute number, is the value itself.</summary>
    Value,

    /// <summary>A destination register: the NOP's base register names it.</summary>
    Register,
}

/// <summary>One entry of the jump table.</summary>
/// <param name="Index">Place in the table; part of the ABI.</param>
/// <param name="Name">Name without the <c>lily_</c> prefix, e.g. <c>wr_cr3_eax</c>.</param>
/// <param name="Operands">What follows the call, in order.</param>
public sealed record LibraryEntry(int Index, string Name, IReadOnlyList<OperandKind> Operands)
{
    /// <summary>The symbol that converted code calls.</summary>
    public string Symbol => "lily_" + Name;

    /// <summary>Guest virtual address of the entry.</summary>
    public uint Address => VmArea.JumpTable + (uint)Index * VmArea.EntrySize;
}
