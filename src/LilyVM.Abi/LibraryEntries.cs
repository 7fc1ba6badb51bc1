namespace LilyVM.Abi;

/// <summary>
/// The jump table: every routine that a converted kernel may call. The order is the ABI: entries are only ever added at the end, anything else
/// raises <see cref="VmArea.AbiVersion"/>.
/// </summary>
public static class LibraryEntries
{
    /// <summary>General registers for which fast entries exist. ESP is not one: inside the library it differs from the call site's.</summary>
    public static IReadOnlyList<string> Registers { get; } = ["eax", "ecx", "edx", "ebx", "ebp", "esi", "edi"];

    /// <summary>Segment registers in hardware order (SDM vol. 2, table 3-1).</summary>
    public static IReadOnlyList<string> SegmentRegisters { get; } = ["es", "cs", "ss", "ds", "fs", "gs"];

    /// <summary>Control registers that a 32-bit guest may touch.</summary>
    public static IReadOnlyList<int> ControlRegisters { get; } = [0, 2, 3, 4];

    /// <summary>Debug registers; 4 and 5 are aliases of 6 and 7.</summary>
    public static IReadOnlyList<int> DebugRegisters { get; } = [0, 1, 2, 3, 6, 7];

    /// <summary>All entries in table order.</summary>
    public static IReadOnlyList<LibraryEntry> All { get; } = Build();

    private static readonly Dictionary<string, LibraryEntry> ByName = All.ToDictionary(e => e.Name);

    /// <summary>Finds an entry by its name without prefix.</summary>
    public static bool TryGet(string name, out LibraryEntry entry) => ByName.TryGetValue(name, out entry!);

    /// <summary>The entry whose table slot lies at <paramref name="address"/>, or null.</summary>
    public static LibraryEntry? At(uint address)
    {
        if (address < VmArea.JumpTable || (address - VmArea.JumpTable) % VmArea.EntrySize != 0)
            return null;
        uint index = (address - VmArea.JumpTable) / VmArea.EntrySize;
        return index < All.Count ? All[(int)index] : null;
    }

    private static List<LibraryEntry> Build()
    {
        var list = new List<LibraryEntry>();
        void Add(string name, params OperandKind[] operands) => list.Add(new LibraryEntry(list.Count, name, operands));
        const OperandKind M = OperandKind.Memory, V = OperandKind.Value, R = OperandKind.Register;

        // Flags, interrupts and returns.
        foreach (string name in (string[])["cli", "sti", "sti_hlt", "sti_mwait", "sti_sysexit", "pushf", "popf", "deliver", "hlt", "iret", "lret"])
            Add(name);
        Add("lret_n", V);
        Add("int", V);

        // System instructions without operands.
        foreach (string name in (string[])["clts", "invd", "wbinvd", "rdmsr", "wrmsr", "rdpmc", "cpuid", "monitor", "mwait", "xsetbv",
            "sysenter", "sysexit", "syscall", "sysret"])
            Add(name);

        // Descriptor tables and translation caches.
        foreach (string name in (string[])["lgdt", "lidt", "sgdt", "sidt", "invlpg"])
            Add(name, M);
        Add("invpcid", M, V);
        foreach (string name in (string[])["lldt", "ltr", "lmsw", "verr", "verw"])
        {
            Add(name + "_v", V);
            Add(name + "_m", M);
        }
        foreach (string name in (string[])["sldt", "str", "smsw"])
        {
            Add(name + "_r", R);
            Add(name + "_r16", R);
            Add(name + "_m", M);
        }
        foreach (string name in (string[])["lar", "lsl"])
        {
            Add(name + "_v", V, R);
            Add(name + "_m", M, R);
        }
        Add("arpl_r", V, R);
        Add("arpl_m", V, M);

        // Port input and output; dx and the accumulator are implied.
        foreach (string direction in (string[])["in", "out"])
        {
            foreach (char width in "bwl")
            {
                Add($"{direction}{width}_dx");
                Add($"{direction}{width}_imm", V);
                Add($"{direction}s{width}");
                Add($"rep_{direction}s{width}");
            }
        }

        // Far transfers: selector, offset.
        Add("ljmp", V, V);
        Add("lcall", V, V);
        Add("ljmp_m", M);
        Add("lcall_m", M);

        // Control and debug registers.
        foreach (int n in ControlRegisters)
        {
            foreach (string register in Registers)
            {
                Add($"rd_cr{n}_{register}");
                Add($"wr_cr{n}_{register}");
            }
            Add($"rd_cr{n}", R);
            Add($"wr_cr{n}", V);
        }
        foreach (int n in DebugRegisters)
        {
            Add($"rd_dr{n}", R);
            Add($"wr_dr{n}", V);
        }

        // Segment registers.
        foreach (string segment in SegmentRegisters)
        {
            foreach (string register in Registers)
                Add($"rd_{segment}_{register}");
            Add($"rd_{segment}_r16", R);
            Add($"rd_{segment}_m", M);
            Add($"push_{segment}");
            if (segment == "cs")
                continue; // nothing but a far transfer loads CS
            foreach (string register in Registers)
                Add($"wr_{segment}_{register}");
            Add($"wr_{segment}_m", M);
            Add($"pop_{segment}");
            Add($"l{segment}", M, R);
        }
        return list;
    }
}
