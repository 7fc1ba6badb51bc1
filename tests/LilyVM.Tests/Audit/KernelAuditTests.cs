using LilyVM.Abi;
using LilyVM.Audit;
using LilyVM.Boot;
using LilyVM.Tests.Boot;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Audit;

public class KernelAuditTests
{
    private const string Note =
        ".section .note.lilyvm,\"a\",@note\n.long 7, 8, 1\n.asciz \"LilyVM\"\n.balign 4\n.long 1, 3\n.text\n";

    [Fact]
    public void A_clean_kernel_passes()
    {
        AuditReport report = Audit($"call {At("cli")}; call {At("lgdt")}; nopl 8(%esp,%eax,2); call {At("wr_cr3_eax")}; ret");
        Assert.True(report.Passed);
        Assert.Equal([("cli", 1), ("lgdt", 1), ("wr_cr3_eax", 1)], report.Calls.Select(c => (c.Key, c.Value)));
        Assert.Equal(5, report.Instructions);
    }

    [Fact]
    public void A_kernel_without_note_fails_although_nothing_is_left()
    {
        AuditReport report = KernelAudit.Run(Elf.Parse(ToolElf.Link(".globl _start\n_start: ret\n"), "k"), []);
        Assert.Empty(report.Findings);
        Assert.Contains("was not converted", report.NoteProblem, StringComparison.Ordinal);
        Assert.False(report.Passed);
    }

    [Fact]
    public void A_finding_names_symbol_address_and_instruction()
    {
        AuditFinding finding = Assert.Single(Audit("nop\nhelper: nop; nop; mov %eax, %cr4; ret\nother: ret").Findings);
        Assert.Equal((0xC100_0003ul, ".text", "helper", "mov-cr", "mov %eax,%cr4"),
            (finding.Address, finding.Section, finding.Symbol, finding.Name, finding.Text));
    }

    [Theory]
    [InlineData("call 0xFF800041", "no entry of the jump table")]
    [InlineData("call 0xFF810000", "no entry of the jump table")]
    [InlineData("jmp 0xFF800040", "something else than a call")]
    [InlineData("jz 0xFF800040", "something else than a call")]
    public void Branches_into_the_library_other_than_calls_of_entries_are_findings(string code, string why)
    {
        AuditFinding finding = Assert.Single(Audit(code + "; ret").Findings);
        Assert.Equal(AuditFinding.BadCall, finding.Name);
        Assert.Contains(why, finding.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lgdt", "", false)]
    [InlineData("lgdt", "nop", false)]
    [InlineData("lgdt", "nopl (%eax)", true)]
    [InlineData("lgdt", "nopl %cs:4(,%ecx,4)", true)]
    [InlineData("lldt_v", "nopl 4(%eax)", false)]
    [InlineData("lldt_v", "nopl (%eax,%ecx)", false)]
    [InlineData("lldt_v", "nopl (%ebp)", true)]
    [InlineData("lldt_v", "nopl 0x22", true)]
    [InlineData("sldt_r", "nopl 0x22", false)]
    [InlineData("sldt_r", "nopl (%edi)", true)]
    [InlineData("ljmp", "nopl 0x10", false)]
    [InlineData("ljmp", "nopl 0x10; nopl 0xC1000000", true)]
    public void Operands_must_follow_the_call(string entry, string operands, bool good)
    {
        AuditReport report = Audit($"call {At(entry)}; {operands}; ret");
        Assert.Equal(good, report.Passed);
        Assert.All(report.Findings, f => Assert.StartsWith($"lily_{entry} wants a NOP for ", f.Why, StringComparison.Ordinal));
    }

    [Fact]
    public void Only_the_inline_forms_that_the_note_names_may_hold_pushf_and_popf()
    {
        string flag = $"%ss:0x{VmArea.Vcpu:x}";
        string code = $"form: pushfl; popl %eax; andl $~0x200, %eax; orl {flag}, %eax\nform_end: ret";
        string site = ".section .note.lilyvm\n.long 7, 16, 1\n.asciz \"LilyVM\"\n.balign 4\n.long 1, 1\n.long form\n.byte form_end - " +
            "form, 2, 0x9C, 0x58\n";
        Assert.True(Audit($"{code}\n{site}").Passed);
        Assert.Equal("pushf", Assert.Single(Audit(code).Findings).Name);
        AuditFinding missing = Assert.Single(Audit("form: nop; nop\nform_end: ret\n" + site).Findings);
        Assert.Contains("inline site that is not there", missing.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_in_the_text_is_skipped_if_declared_and_resynchronised_at_the_next_symbol_if_not()
    {
        Assert.True(Audit("ret\n.type blob, @object\nblob: .byte 0xFA, 0x0F, 0xFF\n.size blob, 3\nafter: ret").Passed);
        // 0x0F 0x04 is no instruction; the 0xB8 would swallow the cli behind the symbol.
        AuditReport report = Audit("ret\nblob: .byte 0x0F, 0x04, 0xB8\nafter: cli; ret");
        Assert.Equal([("blob", AuditFinding.Undecodable), ("after", "cli")], report.Findings.Select(f => (f.Symbol, f.Name)));
    }

    [Fact]
    public void Code_in_other_sections_is_read_and_named_by_its_section_if_it_has_no_symbol()
    {
        AuditFinding finding = Assert.Single(Audit("ret\n.section .altinstr_replacement,\"ax\"\n.byte 0x0F, 0x01, 0xCA").Findings);
        Assert.Equal(("[.altinstr_replacement]", "clac"), (finding.Symbol, finding.Name));
        Assert.Empty(Audit("ret\n.section .rodata,\"a\"\ncli").Findings);
    }

    [Fact]
    public void The_allow_list_covers_by_symbol_and_mnemonic_and_unused_entries_are_told()
    {
        AllowEntry[] list = [new("early_*", "rdmsr", "early boot", 1), new("early_setup", "wrmsr", "early boot", 2),
            new("*", "clac", "masked", 3)];
        AuditReport report = KernelAudit.Run(Kernel("early_a: rdmsr; wrmsr\nlate: rdmsr; ret"), list);
        Assert.Equal([("early_a", "wrmsr"), ("late", "rdmsr")], report.Findings.Select(f => (f.Symbol, f.Name)));
        Assert.Equal(list[0], Assert.Single(report.Allowed).Entry);
        Assert.Equal([2, 3], report.UnusedEntries.Select(e => e.Line));
    }

    [Fact]
    public void A_bad_call_cannot_be_allowed()
    {
        Assert.False(KernelAudit.Run(Kernel("call 0xFF800041"), [new AllowEntry("*", "*", "no", 1)]).Passed);
    }

    [Fact]
    public void A_clean_kernel_of_64_bit_code_passes()
    {
        AuditReport report = Audit64("cli; sti; lgdt 8(%rsp); mov %cr3, %rax; mov %rax, %cr3; swapgs; pushfq; int $3; iretq\n");
        Assert.Empty(report.Findings);
        Assert.True(report.Passed);
        Assert.Equal(["int", "iret", "lgdt", "pushf", "sti", "wr_cr3"], report.Calls.Keys);
    }

    [Fact]
    public void What_text_matching_misses_is_found_in_64_bit_code()
    {
        AuditReport report = Audit64(
            "helper: .byte 0x0f, 0x00, 0x00\n.byte 0x0f, 0x32\nmovq %gs:40, %rax\nrdfsbase %rax\n.section " +
            ".altinstr_replacement,\"ax\"\n.byte 0x0f, 0x01, 0xca\n");
        Assert.Equal(
            [("helper", "sldt"), ("helper", "rdmsr"), ("helper", "gs-operand"), ("helper", "rdfsbase"),
                ("[.altinstr_replacement]", "clac")],
            report.Findings.Select(f => (f.Symbol, f.Name)));
    }

    [Theory]
    [InlineData("call *0x7f101000", null)] // the first entry, through its pointer
    [InlineData("call *0x7f101004", "no entry of the jump table")]
    [InlineData("call *0x7f102000", "no entry of the jump table")]
    [InlineData("call 0x7f000041", "no entry of the jump table")]
    [InlineData("jmp 0x7f000040", "something else than a call")]
    [InlineData("jmp iret", "transfer site is not recorded")]
    [InlineData("movq $.+6, site; jmp iret", "transfer site is not recorded")]
    [InlineData("movq $.+5, site; call iret", "something else than a jump")]
    [InlineData("movq $.+5, site; jmp iret", null)]
    [InlineData("call lgdt", "wants a NOP for")]
    [InlineData("call lgdt; nopl 4(%rip)", null)]
    [InlineData("call wr_cr3; nopl 4(%r12)", "wants a NOP for")]
    [InlineData("call wr_cr3; nopl (%r12)", null)]
    public void Branches_into_the_library_are_checked_in_64_bit_code(string code, string? why)
    {
        var entries = GuestArchitecture.X64.Entries;
        string symbols = string.Concat(((string[])["iret", "lgdt", "wr_cr3"])
            .Select(name => entries.TryGet(name, out LibraryEntry e) ? $".set {name}, 0x{e.Address:x}\n" : ""));
        AuditReport report = KernelAudit.Run(
            Elf.Parse(ToolElf.Link64(Gas.ConvertWhole(".globl _start\n_start: hlt\n", bits: 64)
                + $".set site, 0x7f1000b0\n{symbols}{code}; ret\n"), "k"), []);
        Assert.Equal(why is null, report.Passed);
        Assert.All(report.Findings, f => Assert.Contains(why!, f.Why, StringComparison.Ordinal));
    }

    private static AuditReport Audit64(string code) =>
        KernelAudit.Run(Elf.Parse(ToolElf.Link64(Gas.ConvertWhole($".globl _start\n_start: {code}", bits: 64)), "k"), []);

    private static string At(string entry) => $"0x{LibraryEntries.All.Single(e => e.Name == entry).Address:x}";

    private static Elf Kernel(string code) => Elf.Parse(ToolElf.Link($"{Note}.globl _start\n_start: {code}\n"), "k");

    private static AuditReport Audit(string code) => KernelAudit.Run(Kernel(code), []);
}
