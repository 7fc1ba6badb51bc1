using static LilyVM.Assembler.Rules.FlagsEffect;

namespace LilyVM.Assembler.Rules.Ia32;

/// <summary>The rewrite table of 32-bit code. docs/rewrites.md is generated from it. The first row that matches wins.</summary>
internal static class RewriteTable
{
    /// <summary>All rows.</summary>
    public static IReadOnlyList<RewriteRule> All { get; } =
    [
        // Interrupt flag and returns. cli, sti, pushf and popf also have inline forms, see InlineForms.
        new("cli", "", "cli", "", Preserved, "virtual IF", false),
        new("sti", "", "sti", "", Preserved, "virtual IF", false),
        new("pushf pushfl", "", "pushf", "", Preserved, "ESP", false),
        new("popf popfl", "", "popf", "", AsInstruction, "ESP", false),
        new("hlt", "", "hlt", "", Preserved, "none", false),
        new("iret iretl", "", "iret", "", AsInstruction, "EIP, CS, ESP, SS", true),
        new("lret lretl retf retfl", "", "lret", "", Preserved, "EIP, CS, ESP, SS", true),
        new("lret lretl retf retfl", "imm", "lret_n", "V0", Preserved, "EIP, CS, ESP, SS", true),
        new("int", "imm", "int", "V0", AsInstruction, "as the handler leaves them", true),

        // System instructions without operands.
        new("clts", "", "clts", "", Preserved, "CR0.TS", true),
        new("invd", "", "invd", "", Preserved, "none", true),
        new("wbinvd", "", "wbinvd", "", Preserved, "none", true),
        new("rdmsr", "", "rdmsr", "", Preserved, "EAX, EDX", true),
        new("wrmsr", "", "wrmsr", "", Preserved, "none", true),
        new("rdpmc", "", "rdpmc", "", Preserved, "EAX, EDX", true),
        new("cpuid", "", "cpuid", "", Preserved, "EAX, EBX, ECX, EDX", false),
        new("monitor", "", "monitor", "", Preserved, "none", true),
        new("monitor", "r32,r32,r32", "monitor", "", Preserved, "none", true),
        new("mwait", "", "mwait", "", Preserved, "none", true),
        new("mwait", "r32,r32", "mwait", "", Preserved, "none", true),
        new("xsetbv", "", "xsetbv", "", Preserved, "XCR0", true),
        new("sysenter", "", "sysenter", "", Preserved, "EIP, CS, ESP, SS", true),
        new("sysexit sysexitl", "", "sysexit", "", Preserved, "EIP, CS, ESP, SS", true),
        new("syscall", "", "syscall", "", Preserved, "EIP, CS, SS, ECX", true),
        new("sysret sysretl", "", "sysret", "", AsInstruction, "EIP, CS, SS", true),

        // Descriptor tables, task register, translation caches.
        new("lgdt lgdtl", "m", "lgdt", "M0", Preserved, "GDTR", true),
        new("lidt lidtl", "m", "lidt", "M0", Preserved, "IDTR", true),
        new("sgdt sgdtl", "m", "sgdt", "M0", Preserved, "none", true),
        new("sidt sidtl", "m", "sidt", "M0", Preserved, "none", true),
        new("invlpg", "m", "invlpg", "M0", Preserved, "none", true),
        new("invpcid", "m,r32", "invpcid", "M0 V1", Preserved, "none", true),
        new("lldt lldtw", "r16", "lldt_v", "V0", Preserved, "LDTR", true),
        new("lldt lldtl", "r32", "lldt_v", "V0", Preserved, "LDTR", true),
        new("lldt lldtw", "m", "lldt_m", "M0", Preserved, "LDTR", true),
        new("ltr ltrw", "r16", "ltr_v", "V0", Preserved, "TR", true),
        new("ltr ltrl", "r32", "ltr_v", "V0", Preserved, "TR", true),
        new("ltr ltrw", "m", "ltr_m", "M0", Preserved, "TR", true),
        new("lmsw lmsww", "r16", "lmsw_v", "V0", Preserved, "CR0", true),
        new("lmsw", "r32", "lmsw_v", "V0", Preserved, "CR0", true),
        new("lmsw lmsww", "m", "lmsw_m", "M0", Preserved, "CR0", true),
        new("sldt sldtl", "r32", "sldt_r", "R0", Preserved, "{0}", false),
        new("sldt sldtw", "r16", "sldt_r16", "R0", Preserved, "{0}", false),
        new("sldt sldtw", "m", "sldt_m", "M0", Preserved, "none", true),
        new("str strl", "r32", "str_r", "R0", Preserved, "{0}", false),
        new("str strw", "r16", "str_r16", "R0", Preserved, "{0}", false),
        new("str strw", "m", "str_m", "M0", Preserved, "none", true),
        new("smsw smswl", "r32", "smsw_r", "R0", Preserved, "{0}", false),
        new("smsw smsww", "r16", "smsw_r16", "R0", Preserved, "{0}", false),
        new("smsw smsww", "m", "smsw_m", "M0", Preserved, "none", true),

        // Descriptor inspection: does not trap, but would look into the wrong tables.
        new("verr verrw", "r16", "verr_v", "V0", AsInstruction, "none", false),
        new("verr", "r32", "verr_v", "V0", AsInstruction, "none", false),
        new("verr verrw", "m", "verr_m", "M0", AsInstruction, "none", true),
        new("verw verww", "r16", "verw_v", "V0", AsInstruction, "none", false),
        new("verw", "r32", "verw_v", "V0", AsInstruction, "none", false),
        new("verw verww", "m", "verw_m", "M0", AsInstruction, "none", true),
        new("lar larl", "r32,r32", "lar_v", "V0 R1", AsInstruction, "{1}", false),
        new("lar larl", "r16,r32", "lar_v", "V0 R1", AsInstruction, "{1}", false),
        new("lar larl", "m,r32", "lar_m", "M0 R1", AsInstruction, "{1}", true),
        new("lsl lsll", "r32,r32", "lsl_v", "V0 R1", AsInstruction, "{1}", false),
        new("lsl lsll", "r16,r32", "lsl_v", "V0 R1", AsInstruction, "{1}", false),
        new("lsl lsll", "m,r32", "lsl_m", "M0 R1", AsInstruction, "{1}", true),
        new("arpl arplw", "r16,r16", "arpl_r", "V0 R1", AsInstruction, "{1}", false),
        new("arpl arplw", "r16,m", "arpl_m", "V0 M1", AsInstruction, "none", true),

        // Ports. The string forms take their rep prefix along, also when it is a statement of its own.
        new("in inb inw inl", "dx,acc", "in{w}_dx", "", Preserved, "accumulator", true),
        new("inb inw inl", "dx", "in{w}_dx", "", Preserved, "accumulator", true),
        new("in inb inw inl", "imm,acc", "in{w}_imm", "V0", Preserved, "accumulator", true),
        new("inb inw inl", "imm", "in{w}_imm", "V0", Preserved, "accumulator", true),
        new("out outb outw outl", "acc,dx", "out{w}_dx", "", Preserved, "none", true),
        new("outb outw outl", "dx", "out{w}_dx", "", Preserved, "none", true),
        new("out outb outw outl", "acc,imm", "out{w}_imm", "V1", Preserved, "none", true),
        new("outb outw outl", "imm", "out{w}_imm", "V0", Preserved, "none", true),
        new("insb insw insl", "", "ins{w}", "", Preserved, "EDI, with rep ECX", true),
        new("insb insw insl", "dx,m", "ins{w}", "", Preserved, "EDI, with rep ECX", true),
        new("outsb outsw outsl", "", "outs{w}", "", Preserved, "ESI, with rep ECX", true),
        new("outsb outsw outsl", "m,dx", "outs{w}", "", Preserved, "ESI, with rep ECX", true),

        // Far transfers.
        new("ljmp ljmpl jmp jmpl", "imm,imm", "ljmp", "V0 V1", Preserved, "EIP, CS", true),
        new("lcall lcalll call calll", "imm,imm", "lcall", "V0 V1", Preserved, "EIP, CS, ESP", true),
        new("ljmp ljmpl", "ind", "ljmp_m", "M0", Preserved, "EIP, CS", true),
        new("ljmp ljmpl", "m", "ljmp_m", "M0", Preserved, "EIP, CS", true),
        new("lcall lcalll", "ind", "lcall_m", "M0", Preserved, "EIP, CS, ESP", true),
        new("lcall lcalll", "m", "lcall_m", "M0", Preserved, "EIP, CS, ESP", true),

        // Control and debug registers; the forms with a macro argument serve macro bodies.
        new("mov movl", "creg,r32", "rd_{0}_{1}", "", Preserved, "{1}", false),
        new("mov movl", "r32,creg", "wr_{1}_{0}", "", Preserved, "{1}", true),
        new("mov movl", "creg,arg", "rd_{0}", "R1", Preserved, "{1}", false),
        new("mov movl", "arg,creg", "wr_{1}", "V0", Preserved, "{1}", true),
        new("mov movl", "dreg,r32", "rd_{0}", "R1", Preserved, "{1}", true),
        new("mov movl", "r32,dreg", "wr_{1}", "V0", Preserved, "{1}", true),
        new("mov movl", "dreg,arg", "rd_{0}", "R1", Preserved, "{1}", true),
        new("mov movl", "arg,dreg", "wr_{1}", "V0", Preserved, "{1}", true),

        // Segment registers.
        new("mov movl", "sreg,r32", "rd_{0}_{1}", "", Preserved, "{1}", false),
        new("mov movw", "sreg,r16", "rd_{0}_r16", "R1", Preserved, "{1}", false),
        new("mov movw movl", "sreg,m", "rd_{0}_m", "M1", Preserved, "none", true),
        new("mov movl", "r32,lseg", "wr_{1}_{0}", "", Preserved, "{1}", true),
        new("mov movw movl", "r16,lseg", "wr_{1}_{0}", "", Preserved, "{1}", true),
        new("mov movw movl", "m,lseg", "wr_{1}_m", "M0", Preserved, "{1}", true),
        new("push pushl", "sreg", "push_{0}", "", Preserved, "ESP", true),
        new("pop popl", "lseg", "pop_{0}", "", Preserved, "{0}, ESP", true),
        new("lds ldsl", "m,greg", "lds", "M0 R1", Preserved, "DS, {1}", true),
        new("les lesl", "m,greg", "les", "M0 R1", Preserved, "ES, {1}", true),
        new("lfs lfsl", "m,greg", "lfs", "M0 R1", Preserved, "FS, {1}", true),
        new("lgs lgsl", "m,greg", "lgs", "M0 R1", Preserved, "GS, {1}", true),
        new("lss lssl", "m,greg", "lss", "M0 R1", Preserved, "SS, {1}", true),
    ];

    /// <summary>
    /// Mnemonics that are sensitive although no row accepts their form, so that they end in an error instead of passing: other sizes of the
    /// above, and 64-bit or host-only instructions.
    /// </summary>
    public static IReadOnlyList<string> Rejected { get; } =
    [
        "iretw", "iretq", "lretw", "lretq", "retfw", "retfq", "pushfw", "popfw", "lgdtw", "lidtw", "sgdtw", "sidtw", "ins", "outs",
        "ljmpw", "lcallw",
        "larw", "lslw", "ldsw", "lesw", "lfsw", "lgsw", "lssw", "swapgs", "sysretq", "sysexitq", "rsm", "getsec", "wbnoinvd",
    ];
}
