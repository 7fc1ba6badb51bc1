using LilyVM.Assembler.Rules;

namespace LilyVM.Tests.Preprocessor;

/// <summary>One instruction for each mnemonic of each rule, with operands that fit the rule's pattern.</summary>
internal static class RuleSamples
{
    private static readonly string[] Memory = ["4(%esp)", "%cs:table+8", "(%ebx,%esi,4)", "table-0xc0000000", "-12(%ebp)"];

    private static readonly string[] WideMemory =
        ["8(%rsp)", "table+8(%rip)", "(%rbx,%r13,4)", "-12(%r12)", "table-0x1000", "(%r8)", "0x1000(%rbp)"];
    private static readonly string[] Numbers =
        ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];

    /// <summary>All samples of an architecture.</summary>
    public static IEnumerable<(RewriteRule Rule, string Text)> All(RuleSet rules)
    {
        int number = 0;
        foreach (RewriteRule rule in rules.All)
        {
            foreach (string mnemonic in rule.Mnemonics.Split(' '))
                yield return (rule, Instruction(rule, mnemonic, number++));
        }
    }

    /// <summary>The instruction that a rule and mnemonic make with the operands chosen by <paramref name="seed"/>.</summary>
    public static string Instruction(RewriteRule rule, string mnemonic, int seed)
    {
        string[] classes = rule.Pattern.Split(',', StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> operands = classes.Select((c, i) => Operand(c, mnemonic, rule, seed / (i + 1) + i));
        return $"{mnemonic} {string.Join(',', operands)}".TrimEnd();
    }

    private static string Operand(string pattern, string mnemonic, RewriteRule rule, int seed)
    {
        bool wide = RuleSet.X64.All.Contains(rule);
        if (pattern is "g64" or "g32" or "g16")
            return General(pattern, mnemonic is "monitor" or "mwait" ? 0 : seed);
        if (mnemonic is "monitor" or "mwait")
            return new[] { "%eax", "%ecx", "%edx" }[seed % 3];
        char width = mnemonic[^1] is 'b' or 'w' or 'l' ? mnemonic[^1] : "bwl"[seed % 3];
        return pattern switch
        {
            "r32" => Pick(seed, "%eax", "%ecx", "%edx", "%ebx", "%ebp", "%esi", "%edi"),
            "greg" => Pick(seed, "%eax", "%ecx", "%edx", "%ebx", "%esp", "%ebp", "%esi", "%edi"),
            "r16" => Pick(seed, "%ax", "%cx", "%dx", "%bx", "%bp", "%si", "%di"),
            "acc" => width switch { 'b' => "%al", 'w' => "%ax", _ => "%eax" },
            "dx" => Pick(seed, "%dx", "(%dx)"),
            "imm" when rule.Entry is "ljmp" or "lcall" => Pick(seed, "$0x10", "$table"),
            "imm" => Pick(seed, "$0x22", "$128", "$(3+4)"),
            "m" when mnemonic.StartsWith("ins", StringComparison.Ordinal) => wide ? "%es:(%rdi)" : "%es:(%edi)",
            "m" when mnemonic.StartsWith("outs", StringComparison.Ordinal) => wide ? "(%rsi)" : "(%esi)",
            "m" => Pick(seed, wide ? WideMemory : Memory),
            "ind" => "*" + Pick(seed, wide ? WideMemory : Memory),
            "fsgs" => Pick(seed, "%fs", "%gs"),
            "creg64" => Pick(seed, "%cr0", "%cr2", "%cr3", "%cr4", "%cr8"),
            "lseg" => Pick(seed, "%ds", "%es", "%fs", "%gs", "%ss"),
            "sreg" => Pick(seed, "%ds", "%es", "%fs", "%gs", "%ss", "%cs"),
            "creg" => Pick(seed, "%cr0", "%cr2", "%cr3", "%cr4"),
            "dreg" => Pick(seed, "%db0", "%db1", "%dr2", "%db3", "%db6", "%dr7"),
            "arg" => "\\reg",
            _ => throw new InvalidOperationException(pattern),
        };
    }

    private static string General(string pattern, int seed)
    {
        string name = Numbers[seed % Numbers.Length];
        bool extended = name[0] == 'r';
        return "%" + pattern switch
        {
            "g64" => extended ? name : "r" + name,
            "g32" => extended ? name + "d" : "e" + name,
            _ => extended ? name + "w" : name,
        };
    }

    private static string Pick(int seed, params string[] choices) => choices[seed % choices.Length];
}
