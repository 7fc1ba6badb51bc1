using Iced.Intel;
using LilyVM.Boot;

namespace LilyVM.Audit;

/// <summary>Why an instruction must not be left in a converted kernel.</summary>
public enum Sensitivity
{
    /// <summary>Reads or writes the interrupt flag, which is virtual; outside ring 0 part of it silently does nothing.</summary>
    InterruptFlag,

    /// <summary>Shows or uses segment registers, their bases, descriptor tables or privilege levels, which are not the guest's.</summary>
    Segments,

    /// <summary>Faults outside ring 0.</summary>
    Privileged,

    /// <summary>Reaches devices or needs the I/O privilege level.</summary>
    Ports,

    /// <summary>Leaves the kernel through a gate or a system call instruction.</summary>
    Transfer,

    /// <summary>Answers for the host's CPU instead of the guest's.</summary>
    HostFeature,
}

/// <summary>
/// What the preprocessor rewrites (DESIGN.md, sections 5 and 12), and more that only a disassembly finds because kernels write it as
/// <c>.byte</c>. Names are those of the AT&amp;T mnemonics, without size; allow-lists use them.
/// </summary>
public sealed class SensitiveInstructions
{
    private static readonly string[] WithRegisters = ["mov-cr", "mov-dr", "mov-sreg", "push-sreg", "pop-sreg", "ljmp", "lcall"];

    private readonly Dictionary<Mnemonic, SensitiveRow> byMnemonic;
    private readonly bool basesAreSensitive;

    private SensitiveInstructions(IReadOnlyList<SensitiveRow> rows, IReadOnlyList<string> withOperands, bool basesAreSensitive)
    {
        byMnemonic = SharedRows.All.Concat(rows).SelectMany(r => r.Mnemonics.Select(m => (m, r))).ToDictionary(p => p.m, p => p.r);
        this.basesAreSensitive = basesAreSensitive;
        Names = [.. byMnemonic.Values.Select(r => r.Name).Concat(WithRegisters).Concat(withOperands).Distinct()
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>Those of 32-bit code.</summary>
    public static SensitiveInstructions Ia32 { get; } = new(Audit.Ia32.Rows.All, [], basesAreSensitive: false);

    /// <summary>Those of 64-bit code.</summary>
    public static SensitiveInstructions X64 { get; } = new(Audit.X64.Rows.All, ["fs-operand", "gs-operand"], basesAreSensitive: true);

    /// <summary>All names, for documentation and tests; the forms of mov, push and pop carry the register's kind.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Those of an architecture.</summary>
    public static SensitiveInstructions Of(GuestArchitecture architecture) => architecture == GuestArchitecture.X64 ? X64 : Ia32;

    /// <summary>Name and kind of a sensitive instruction; null for any other.</summary>
    public (string Name, Sensitivity Why)? Classify(in Instruction instruction)
    {
        if (byMnemonic.TryGetValue(instruction.Mnemonic, out SensitiveRow? row))
            return (row.Name, row.Why);
        if (instruction.IsJmpFar || instruction.IsJmpFarIndirect)
            return ("ljmp", Sensitivity.Transfer);
        if (instruction.IsCallFar || instruction.IsCallFarIndirect)
            return ("lcall", Sensitivity.Transfer);
        return ClassifyRegisters(instruction) ?? ClassifyBase(instruction);
    }

    private static (string Name, Sensitivity Why)? ClassifyRegisters(in Instruction instruction)
    {
        string? verb = instruction.Mnemonic switch { Mnemonic.Mov => "mov", Mnemonic.Push => "push", Mnemonic.Pop => "pop", _ => null };
        if (verb is null)
            return null;
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) != OpKind.Register)
                continue;
            Register register = instruction.GetOpRegister(i);
            if (register.IsSegmentRegister())
                return (verb + "-sreg", Sensitivity.Segments);
            if (register.IsCR())
                return ("mov-cr", Sensitivity.Privileged);
            if (register.IsDR())
                return ("mov-dr", Sensitivity.Privileged);
        }
        return null;
    }

    // In 64-bit mode, where nothing but the base of FS and GS counts, SWAPGS is virtual: the base in force may be a program's. A NOP
    // touches nothing.
    private (string Name, Sensitivity Why)? ClassifyBase(in Instruction instruction)
    {
        if (!basesAreSensitive || instruction.Mnemonic is Mnemonic.Nop or Mnemonic.Lea || !HasMemory(instruction))
            return null;
        return instruction.MemorySegment switch
        {
            Register.FS => ("fs-operand", Sensitivity.Segments),
            Register.GS => ("gs-operand", Sensitivity.Segments),
            _ => null,
        };
    }

    private static bool HasMemory(in Instruction instruction)
    {
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) is OpKind.Memory or OpKind.MemorySegSI or OpKind.MemorySegESI or OpKind.MemorySegRSI)
                return true;
        }
        return false;
    }
}
