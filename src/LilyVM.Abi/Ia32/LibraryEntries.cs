namespace LilyVM.Abi;

/// <summary>The jump table of IA-32 kernels.</summary>
public static class LibraryEntries
{
    private const OperandKind M = OperandKind.Memory, V = OperandKind.Value, R = OperandKind.Register;

    // Numbers of general registers in hardware order (SDM vol. 2, table 2-2).
    private static readonly string[] GeneralRegisters = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];

    /// <summary>
    /// General registers for which fast entries exist. ESP is not one: inside the library it differs from the call site's.
    /// </summary>
    public static IReadOnlyList<string> Registers { get; } = ["eax", "ecx", "edx", "ebx", "ebp", "esi", "edi"];

    /// <summary>Segment registers in hardware order (SDM vol. 2, table 3-1).</summary>
    public static IReadOnlyList<string> SegmentRegisters { get; } = ["es", "cs", "ss", "ds", "fs", "gs"];

    /// <summary>Control registers that a 32-bit guest may touch.</summary>
    public static IReadOnlyList<int> ControlRegisters { get; } = [0, 2, 3, 4];

    /// <summary>Debug registers; 4 and 5 are aliases of 6 and 7.</summary>
    public static IReadOnlyList<int> DebugRegisters { get; } = [0, 1, 2, 3, 6, 7];

    /// <summary>The table.</summary>
    public static EntryTable Table { get; } = Build();

    /// <summary>All entries in table order.</summary>
    public static IReadOnlyList<LibraryEntry> All => Table.All;

    /// <summary>Finds an entry by its name without prefix.</summary>
    public static bool TryGet(string name, out LibraryEntry entry) => Table.TryGet(name, out entry);

    /// <summary>The entry whose table slot lies at <paramref name="address"/>, or null.</summary>
    public static LibraryEntry? At(uint address) => Table.At(address);

    private static EntryTable Build()
    {
        var table = new EntryTable(VmArea.JumpTable, VmArea.EntrySize);
        AddSystem(table);
        AddTables(table);
        AddPorts(table);
        table.Add(new("ljmp", Operation.LongJump, [V, V])); // selector, offset
        table.Add(new("lcall", Operation.LongCall, [V, V]));
        table.Add(new("ljmp_m", Operation.LongJump, [M]));
        table.Add(new("lcall_m", Operation.LongCall, [M]));
        AddControlAndDebug(table);
        AddSegments(table);
        return table;
    }

    // Flags, interrupts, returns, and system instructions without operands.
    private static void AddSystem(EntryTable table)
    {
        foreach (Operation operation in (Operation[])[Operation.Cli, Operation.Sti])
            table.Add(new(Name(operation), operation, []));
        table.Add(new("sti_hlt", Operation.StiHlt, []));
        table.Add(new("sti_mwait", Operation.StiMwait, []));
        table.Add(new("sti_sysexit", Operation.StiSysexit, []));
        foreach (Operation operation in (Operation[])[Operation.Pushf, Operation.Popf, Operation.Deliver, Operation.Hlt, Operation.Iret,
            Operation.Lret])
            table.Add(new(Name(operation), operation, []));
        table.Add(new("lret_n", Operation.Lret, [V]));
        table.Add(new("int", Operation.Int, [V]));
        foreach (Operation operation in (Operation[])[Operation.Clts, Operation.Invd, Operation.Wbinvd, Operation.Rdmsr, Operation.Wrmsr,
            Operation.Rdpmc, Operation.Cpuid, Operation.Monitor, Operation.Mwait, Operation.Xsetbv,
            Operation.Sysenter, Operation.Sysexit, Operation.Syscall, Operation.Sysret])
            table.Add(new(Name(operation), operation, []));
    }

    // Descriptor tables and translation caches, and what inspects selectors.
    private static void AddTables(EntryTable table)
    {
        foreach (Operation operation in (Operation[])[Operation.Lgdt, Operation.Lidt, Operation.Sgdt, Operation.Sidt, Operation.Invlpg])
            table.Add(new(Name(operation), operation, [M]));
        table.Add(new("invpcid", Operation.Invpcid, [M, V]));
        foreach (Operation operation in (Operation[])[Operation.Lldt, Operation.Ltr, Operation.Lmsw, Operation.Verr, Operation.Verw])
        {
            table.Add(new(Name(operation) + "_v", operation, [V]) { Width = 2 });
            table.Add(new(Name(operation) + "_m", operation, [M]) { Width = 2 });
        }
        foreach (Operation operation in (Operation[])[Operation.Sldt, Operation.Str, Operation.Smsw])
        {
            table.Add(new(Name(operation) + "_r", operation, [R]));
            table.Add(new(Name(operation) + "_r16", operation, [R]) { Width = 2 });
            table.Add(new(Name(operation) + "_m", operation, [M]) { Width = 2 });
        }
        foreach (Operation operation in (Operation[])[Operation.Lar, Operation.Lsl])
        {
            table.Add(new(Name(operation) + "_v", operation, [V, R]));
            table.Add(new(Name(operation) + "_m", operation, [M, R]));
        }
        table.Add(new("arpl_r", Operation.Arpl, [V, R]));
        table.Add(new("arpl_m", Operation.Arpl, [V, M]) { Width = 2 });
    }

    // Port input and output; dx and the accumulator are implied.
    private static void AddPorts(EntryTable table)
    {
        foreach ((Operation one, Operation many) in ((Operation, Operation)[])[(Operation.In, Operation.Ins),
            (Operation.Out, Operation.Outs)])
        {
            foreach ((char letter, int width) in ((char, int)[])[('b', 1), ('w', 2), ('l', 4)])
            {
                table.Add(new($"{Name(one)}{letter}_dx", one, []) { Width = width });
                table.Add(new($"{Name(one)}{letter}_imm", one, [V]) { Width = width });
                table.Add(new($"{Name(many)}{letter}", many, []) { Width = width });
                table.Add(new($"rep_{Name(many)}{letter}", many, []) { Width = width, Repeats = true });
            }
        }
    }

    private static void AddControlAndDebug(EntryTable table)
    {
        foreach (int n in ControlRegisters)
        {
            foreach (string register in Registers)
            {
                table.Add(new($"rd_cr{n}_{register}", Operation.ReadControl, []) { Number = n, Register = General(register) });
                table.Add(new($"wr_cr{n}_{register}", Operation.WriteControl, []) { Number = n, Register = General(register) });
            }
            table.Add(new($"rd_cr{n}", Operation.ReadControl, [R]) { Number = n });
            table.Add(new($"wr_cr{n}", Operation.WriteControl, [V]) { Number = n });
        }
        foreach (int n in DebugRegisters)
        {
            table.Add(new($"rd_dr{n}", Operation.ReadDebug, [R]) { Number = n });
            table.Add(new($"wr_dr{n}", Operation.WriteDebug, [V]) { Number = n });
        }
    }

    private static void AddSegments(EntryTable table)
    {
        for (int n = 0; n < SegmentRegisters.Count; n++)
        {
            string segment = SegmentRegisters[n];
            foreach (string register in Registers)
                table.Add(new($"rd_{segment}_{register}", Operation.ReadSegment, []) { Number = n, Register = General(register) });
            table.Add(new($"rd_{segment}_r16", Operation.ReadSegment, [R]) { Number = n, Width = 2 });
            table.Add(new($"rd_{segment}_m", Operation.ReadSegment, [M]) { Number = n });
            table.Add(new($"push_{segment}", Operation.PushSegment, []) { Number = n });
            if (segment == "cs")
                continue; // nothing but a far transfer loads CS
            foreach (string register in Registers)
                table.Add(new($"wr_{segment}_{register}", Operation.WriteSegment, []) { Number = n, Register = General(register) });
            table.Add(new($"wr_{segment}_m", Operation.WriteSegment, [M]) { Number = n });
            table.Add(new($"pop_{segment}", Operation.PopSegment, []) { Number = n });
            table.Add(new($"l{segment}", Operation.LoadFarPointer, [M, R]) { Number = n });
        }
    }

    private static int General(string register) => Array.IndexOf(GeneralRegisters, register);

    private static string Name(Operation operation) => operation.ToString().ToLowerInvariant();
}
