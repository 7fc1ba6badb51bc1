namespace LilyVM.Abi;

/// <summary>
/// How a call site hands an operand to the library without touching registers, flags or stack: a long NOP after the call, whose addressing
/// form describes the operand (SDM vol. 2, NOP: 0F 1F /0). The call returns to the NOP, which the CPU then skips by executing it.
/// </summary>
public enum OperandKind
{
    /// <summary>A memory operand: the NOP's effective address (and segment) is the operand's.</summary>
    Memory,

    /// <summary>
    /// A value: the NOP's effective address, a base register without displacement or an absolute number, is the value itself.
    /// </summary>
    Value,

    /// <summary>A destination register: the NOP's base register names it.</summary>
    Register,
}

/// <summary>How converted code reaches an entry.</summary>
public enum EntryUse
{
    /// <summary>By a call; the entry returns behind it.</summary>
    Call,

    /// <summary>By a jump, because the stack may not be the kernel's; the entry does not come back.</summary>
    Jump,
}

/// <summary>One entry of the jump table.</summary>
/// <param name="Name">Name without the <c>lily_</c> prefix, e.g. <c>wr_cr3_eax</c>.</param>
/// <param name="Operation">What it does.</param>
/// <param name="Operands">What follows the call, in order.</param>
public sealed record LibraryEntry(string Name, Operation Operation, IReadOnlyList<OperandKind> Operands)
{
    /// <summary>Value of <see cref="Register"/> when the entry has no general register of its own.</summary>
    public const int NoRegister = 15;

    /// <summary>Place in the table; part of the ABI.</summary>
    public int Index { get; init; }

    /// <summary>Guest virtual address of the entry.</summary>
    public uint Address { get; init; }

    /// <summary>Number of the control, debug or segment register that the entry stands for; 0 if there is none.</summary>
    public int Number { get; init; }

    /// <summary>Number of the general register that the entry stands for, or <see cref="NoRegister"/>.</summary>
    public int Register { get; init; } = NoRegister;

    /// <summary>Width of the operand in bytes, where an instruction has several.</summary>
    public int Width { get; init; } = 4;

    /// <summary>True for the string forms with a repeat prefix.</summary>
    public bool Repeats { get; init; }

    /// <summary>How converted code reaches the entry.</summary>
    public EntryUse Use { get; init; }

    /// <summary>The symbol that converted code calls.</summary>
    public string Symbol => "lily_" + Name;
}
