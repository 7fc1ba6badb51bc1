namespace LilyVM.Abi.X64;

/// <summary>
/// The jump table of x86-64 kernels. Registers travel in operand NOPs; what reads the vCPU page needs no entry but where an inline form
/// cannot stand.
/// </summary>
public static class LibraryEntries
{
    private const OperandKind M = OperandKind.Memory, V = OperandKind.Value, R = OperandKind.Register;

    /// <summary>Segment registers in hardware order (SDM vol. 2, table 3-1).</summary>
    public static IReadOnlyList<string> SegmentRegisters { get; } = ["es", "cs", "ss", "ds", "fs", "gs"];

    /// <summary>Control registers that a guest may touch.</summary>
    public static IReadOnlyList<int> ControlRegisters { get; } = [0, 2, 3, 4, 8];

    /// <summary>Debug registers; 4 and 5 are aliases of 6 and 7.</summary>
    public static IReadOnlyList<int> DebugRegisters { get; } = [0, 1, 2, 3, 6, 7];

    /// <summary>The table.</summary>
    public static EntryTable Table { get; } = Build();

    private static EntryTable Build()
    {
        var table = new EntryTable(VmArea.JumpTable, VmArea.EntrySize);
        AddSystem(table);
        AddTables(table);
        AddPorts(table);
        AddRegisters(table);
        return table;
    }

    // Flags, interrupts, returns, and system instructions without operands.
    private static void AddSystem(EntryTable table)
    {
        Add(table, [], Operation.Cli, Operation.Sti);
        table.Add(new("sti_hlt", Operation.StiHlt, []));
        table.Add(new("sti_mwait", Operation.StiMwait, []));
        Add(table, [], Operation.Pushf, Operation.Popf, Operation.Deliver, Operation.Hlt);
        table.Add(new("iret", Operation.Iret, []) { Use = EntryUse.Jump, Width = 8 });
        table.Add(new("sysret", Operation.Sysret, []) { Use = EntryUse.Jump, Width = 8 });
        table.Add(new("sysretl", Operation.Sysret, []) { Use = EntryUse.Jump });
        table.Add(new("lret", Operation.Lret, []) { Width = 8 });
        table.Add(new("lretl", Operation.Lret, []));
        table.Add(new("int", Operation.Int, [V]));
        Add(table, [], Operation.Clts, Operation.Invd, Operation.Wbinvd, Operation.Rdmsr, Operation.Wrmsr, Operation.Rdpmc, Operation.Cpuid,
            Operation.Monitor, Operation.Mwait, Operation.Xsetbv, Operation.Swapgs);
    }

    // Descriptor tables, translation caches, far transfers, and what inspects selectors.
    private static void AddTables(EntryTable table)
    {
        Add(table, [M], Operation.Lgdt, Operation.Lidt, Operation.Sgdt, Operation.Sidt, Operation.Invlpg);
        table.Add(new("invpcid", Operation.Invpcid, [M, V]));
        foreach (Operation operation in (Operation[])[Operation.Lldt, Operation.Ltr, Operation.Lmsw, Operation.Verr, Operation.Verw])
        {
            table.Add(new(Name(operation) + "_v", operation, [V]) { Width = 2 });
            table.Add(new(Name(operation) + "_m", operation, [M]) { Width = 2 });
        }
        foreach (Operation operation in (Operation[])[Operation.Sldt, Operation.Str, Operation.Smsw])
        {
            table.Add(new(Name(operation) + "_r64", operation, [R]) { Width = 8 });
            table.Add(new(Name(operation) + "_r", operation, [R]));
            table.Add(new(Name(operation) + "_r16", operation, [R]) { Width = 2 });
            table.Add(new(Name(operation) + "_m", operation, [M]) { Width = 2 });
        }
        foreach (Operation operation in (Operation[])[Operation.Lar, Operation.Lsl])
        {
            table.Add(new(Name(operation) + "_v", operation, [V, R]));
            table.Add(new(Name(operation) + "_m", operation, [M, R]));
        }
        table.Add(new("ljmp_m", Operation.LongJump, [M])); // 16-bit selector behind a 32-bit offset
        table.Add(new("lcall_m", Operation.LongCall, [M]));
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

    private static void AddRegisters(EntryTable table)
    {
        foreach (int n in ControlRegisters)
        {
            table.Add(new($"rd_cr{n}", Operation.ReadControl, [R]) { Number = n, Width = 8 });
            table.Add(new($"wr_cr{n}", Operation.WriteControl, [V]) { Number = n, Width = 8 });
        }
        foreach (int n in DebugRegisters)
        {
            table.Add(new($"rd_dr{n}", Operation.ReadDebug, [R]) { Number = n, Width = 8 });
            table.Add(new($"wr_dr{n}", Operation.WriteDebug, [V]) { Number = n, Width = 8 });
        }
        for (int n = 0; n < SegmentRegisters.Count; n++)
        {
            string segment = SegmentRegisters[n];
            table.Add(new($"rd_{segment}_r", Operation.ReadSegment, [R]) { Number = n });
            table.Add(new($"rd_{segment}_r16", Operation.ReadSegment, [R]) { Number = n, Width = 2 });
            table.Add(new($"rd_{segment}_m", Operation.ReadSegment, [M]) { Number = n, Width = 2 });
            if (segment == "cs")
                continue; // nothing but a far transfer loads CS
            table.Add(new($"wr_{segment}_v", Operation.WriteSegment, [V]) { Number = n, Width = 2 });
            table.Add(new($"wr_{segment}_m", Operation.WriteSegment, [M]) { Number = n, Width = 2 });
            if (segment is not ("fs" or "gs" or "ss"))
                continue;
            table.Add(new($"l{segment}", Operation.LoadFarPointer, [M, R]) { Number = n });
            if (segment == "ss")
                continue;
            table.Add(new($"push_{segment}", Operation.PushSegment, []) { Number = n, Width = 8 });
            table.Add(new($"pop_{segment}", Operation.PopSegment, []) { Number = n, Width = 8 });
        }
    }

    private static void Add(EntryTable table, OperandKind[] operands, params Operation[] operations)
    {
        foreach (Operation operation in operations)
            table.Add(new(Name(operation), operation, operands));
    }

    private static string Name(Operation operation) => operation.ToString().ToLowerInvariant();
}
