using static LilyVM.Assembler.Rules.FlagsEffect;

namespace LilyVM.Assembler.Rules.X64;

/// <summary>The rewrite table of 64-bit code. docs/rewrites.md is generated from it. The first row that matches wins.</summary>
internal static class RewriteTable
{
    /// <summary>All rows.</summary>
    public static IReadOnlyList<RewriteRule> All { get; } =
    [
        // Interrupt flag and returns.
        new("cli", "", "cli", "", Preserved, "virtual IF", false) { Inline = new("movb $0,{flags+1}") },
        new("sti", "", "sti", "", Preserved, "virtual IF", false)
        {
            Inline = new("movb $2,{flags+1}; cmpb $0,{pending}; je .+7; call lily_deliver", FlagsCondition.DeadAfter) { Length = 23,
                Calls = "deliver" },
        },
        new("pushf pushfq", "", "pushf", "", Preserved, "RSP", false) { Inline = new("pushq {flags}", FlagsCondition.UndefinedBefore) },
        new("popf popfq", "", "popf", "", AsInstruction, "RSP", false),
        new("hlt", "", "hlt", "", Preserved, "none", false),
        new("iretq", "", "iret", "", AsInstruction, "RIP, CS, RSP, SS", true),
        new("sysretq", "", "sysret", "", AsInstruction, "RIP, CS, SS", true),
        new("sysret sysretl", "", "sysretl", "", AsInstruction, "RIP, CS, SS", true),
        new("lretq retfq", "", "lret", "", Preserved, "RIP, CS, RSP, SS", true),
        new("lret lretl retf retfl", "", "lretl", "", Preserved, "RIP, CS, RSP, SS", true),
        new("int", "imm", "int", "V0", AsInstruction, "as the handler leaves them", true) { Undone = true },

        // System instructions without operands.
        new("clts", "", "clts", "", Preserved, "CR0.TS", true),
        new("invd", "", "invd", "", Preserved, "none", true),
        new("wbinvd", "", "wbinvd", "", Preserved, "none", true),
        new("rdmsr", "", "rdmsr", "", Preserved, "RAX, RDX", true),
        new("wrmsr", "", "wrmsr", "", Preserved, "none", true),
        new("rdpmc", "", "rdpmc", "", Preserved, "RAX, RDX", true),
        new("cpuid", "", "cpuid", "", Preserved, "RAX, RBX, RCX, RDX", false),
        new("monitor", "", "monitor", "", Preserved, "none", true),
        new("monitor", "g64,g32,g32", "monitor", "", Preserved, "none", true),
        new("monitor", "g64,g64,g64", "monitor", "", Preserved, "none", true),
        new("mwait", "", "mwait", "", Preserved, "none", true),
        new("mwait", "g32,g32", "mwait", "", Preserved, "none", true),
        new("mwait", "g64,g64", "mwait", "", Preserved, "none", true),
        new("xsetbv", "", "xsetbv", "", Preserved, "XCR0", true),
        new("swapgs", "", "swapgs", "", Preserved, "GS base", false) { Inline = new("notb {swapped}") },

        // Descriptor tables, task register, translation caches.
        new("lgdt lgdtq", "m", "lgdt", "M0", Preserved, "GDTR", true),
        new("lidt lidtq", "m", "lidt", "M0", Preserved, "IDTR", true),
        new("sgdt sgdtq", "m", "sgdt", "M0", Preserved, "none", true),
        new("sidt sidtq", "m", "sidt", "M0", Preserved, "none", true),
        new("invlpg", "m", "invlpg", "M0", Preserved, "none", true),
        new("invpcid", "m,g64", "invpcid", "M0 V1", Preserved, "none", true),
        .. Selector("lldt", "LDTR"),
        .. Selector("ltr", "TR"),
        .. Selector("lmsw", "CR0"),
        .. Stored("sldt"),
        .. Stored("str"),
        .. Stored("smsw"),

        // Descriptor inspection: does not trap, but would look into the wrong tables.
        new("verr verrw", "g16", "verr_v", "V0", AsInstruction, "none", false),
        new("verr", "g32", "verr_v", "V0", AsInstruction, "none", false),
        new("verr verrw", "m", "verr_m", "M0", AsInstruction, "none", true),
        new("verw verww", "g16", "verw_v", "V0", AsInstruction, "none", false),
        new("verw", "g32", "verw_v", "V0", AsInstruction, "none", false),
        new("verw verww", "m", "verw_m", "M0", AsInstruction, "none", true),
        .. Inspected("lar"),
        .. Inspected("lsl"),

        // Ports. The string forms take their rep prefix along, also when it is a statement of its own.
        new("in inb inw inl", "dx,acc", "in{w}_dx", "", Preserved, "accumulator", true),
        new("inb inw inl", "dx", "in{w}_dx", "", Preserved, "accumulator", true),
        new("in inb inw inl", "imm,acc", "in{w}_imm", "V0", Preserved, "accumulator", true),
        new("inb inw inl", "imm", "in{w}_imm", "V0", Preserved, "accumulator", true),
        new("out outb outw outl", "acc,dx", "out{w}_dx", "", Preserved, "none", true),
        new("outb outw outl", "dx", "out{w}_dx", "", Preserved, "none", true),
        new("out outb outw outl", "acc,imm", "out{w}_imm", "V1", Preserved, "none", true),
        new("outb outw outl", "imm", "out{w}_imm", "V0", Preserved, "none", true),
        new("insb insw insl", "", "ins{w}", "", Preserved, "RDI, with rep RCX", true),
        new("insb insw insl", "dx,m", "ins{w}", "", Preserved, "RDI, with rep RCX", true),
        new("outsb outsw outsl", "", "outs{w}", "", Preserved, "RSI, with rep RCX", true),
        new("outsb outsw outsl", "m,dx", "outs{w}", "", Preserved, "RSI, with rep RCX", true),

        // Far transfers through memory: a selector behind a 32-bit offset.
        new("ljmp ljmpl", "ind", "ljmp_m", "M0", Preserved, "RIP, CS", true),
        new("ljmp ljmpl", "m", "ljmp_m", "M0", Preserved, "RIP, CS", true),
        new("lcall lcalll", "ind", "lcall_m", "M0", Preserved, "RIP, CS, RSP", true),
        new("lcall lcalll", "m", "lcall_m", "M0", Preserved, "RIP, CS, RSP", true),

        // Control and debug registers; the forms with a macro argument serve macro bodies.
        new("mov movq", "creg64,g64", "rd_{0}", "R1", Preserved, "{1}", false) { Inline = new("movq {%0},{1}") },
        new("mov movq", "creg64,arg", "rd_{0}", "R1", Preserved, "{1}", false) { Inline = new("movq {%0},{1}") },
        new("mov movq", "g64,creg64", "wr_{1}", "V0", Preserved, "{1}", true),
        new("mov movq", "arg,creg64", "wr_{1}", "V0", Preserved, "{1}", true),
        new("mov movq", "dreg,g64", "rd_{0}", "R1", Preserved, "{1}", false) { Inline = new("movq {%0},{1}") },
        new("mov movq", "dreg,arg", "rd_{0}", "R1", Preserved, "{1}", false) { Inline = new("movq {%0},{1}") },
        new("mov movq", "g64,dreg", "wr_{1}", "V0", Preserved, "{1}", true),
        new("mov movq", "arg,dreg", "wr_{1}", "V0", Preserved, "{1}", true),

        // Segment registers.
        new("mov movq", "sreg,g64", "rd_{0}_r", "R1", Preserved, "{1}", false) { Inline = new("movq {%0},{1}") },
        new("mov movl", "sreg,g32", "rd_{0}_r", "R1", Preserved, "{1}", false) { Inline = new("movl {%0},{1}") },
        new("mov movw", "sreg,g16", "rd_{0}_r16", "R1", Preserved, "{1}", false) { Inline = new("movw {%0},{1}") },
        new("mov movw movl movq", "sreg,m", "rd_{0}_m", "M1", Preserved, "none", true),
        new("mov movq", "g64,lseg", "wr_{1}_v", "V0", Preserved, "{1}", true),
        new("mov movl", "g32,lseg", "wr_{1}_v", "V0", Preserved, "{1}", true),
        new("mov movw movl", "g16,lseg", "wr_{1}_v", "V0", Preserved, "{1}", true),
        new("mov movw movl movq", "m,lseg", "wr_{1}_m", "M0", Preserved, "{1}", true),
        new("push pushq", "fsgs", "push_{0}", "", Preserved, "RSP", true) { Inline = new("pushq {%0}") },
        new("pop popq", "fsgs", "pop_{0}", "", Preserved, "{0}, RSP", true),
        new("lfs lfsl", "m,g32", "lfs", "M0 R1", Preserved, "FS, {1}", true),
        new("lgs lgsl", "m,g32", "lgs", "M0 R1", Preserved, "GS, {1}", true),
        new("lss lssl", "m,g32", "lss", "M0 R1", Preserved, "SS, {1}", true),
    ];

    /// <summary>
    /// Mnemonics that are sensitive although no row accepts their form: other sizes of the above, and what no 64-bit kernel needs.
    /// </summary>
    public static IReadOnlyList<string> Rejected { get; } =
    [
        "iret", "iretl", "iretw", "lretw", "retfw", "pushfw", "popfw", "ins", "outs", "ljmpw", "lcallw", "ljmpq", "lcallq", "larw",
        "lslw", "lfsw", "lgsw", "lssw",
        "lfsq", "lgsq", "lssq", "sysenter", "sysexit", "sysexitl", "sysexitq", "syscall", "rsm", "getsec", "wbnoinvd",
    ];

    private static RewriteRule[] Selector(string name, string changes) =>
    [
        new($"{name} {name}w", "g16", $"{name}_v", "V0", Preserved, changes, true),
        new($"{name} {name}l", "g32", $"{name}_v", "V0", Preserved, changes, true),
        new($"{name} {name}q", "g64", $"{name}_v", "V0", Preserved, changes, true),
        new($"{name} {name}w", "m", $"{name}_m", "M0", Preserved, changes, true),
    ];

    private static RewriteRule[] Stored(string name) =>
    [
        new($"{name} {name}q", "g64", $"{name}_r64", "R0", Preserved, "{0}", false),
        new($"{name} {name}l", "g32", $"{name}_r", "R0", Preserved, "{0}", false),
        new($"{name} {name}w", "g16", $"{name}_r16", "R0", Preserved, "{0}", false),
        new($"{name} {name}w", "m", $"{name}_m", "M0", Preserved, "none", true),
    ];

    private static RewriteRule[] Inspected(string name) =>
    [
        new($"{name} {name}l", "g32,g32", $"{name}_v", "V0 R1", AsInstruction, "{1}", false),
        new($"{name} {name}l", "g16,g32", $"{name}_v", "V0 R1", AsInstruction, "{1}", false),
        new($"{name} {name}q", "g64,g64", $"{name}_v", "V0 R1", AsInstruction, "{1}", false),
        new($"{name} {name}q", "g32,g64", $"{name}_v", "V0 R1", AsInstruction, "{1}", false),
        new($"{name} {name}q", "g16,g64", $"{name}_v", "V0 R1", AsInstruction, "{1}", false),
        new($"{name} {name}l", "m,g32", $"{name}_m", "M0 R1", AsInstruction, "{1}", true),
        new($"{name} {name}q", "m,g64", $"{name}_m", "M0 R1", AsInstruction, "{1}", true),
    ];
}
