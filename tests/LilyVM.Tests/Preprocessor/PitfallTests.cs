using LilyVM.Tests.Support;

namespace LilyVM.Tests.Preprocessor;

/// <summary>What a converter of kernel text can get wrong; each was met in Linux or is one letter away from it.</summary>
public class PitfallTests
{
    [Theory]
    [InlineData("1: movl %eax,%gs", "1: call lily_wr_gs_eax")]
    [InlineData("1: rdmsr; 2:", "1: call lily_rdmsr; 2:")]
    [InlineData(".Lret: iret", ".Lret: call lily_iret")]
    [InlineData("1: movl 4(%esp),%fs", "1: call lily_wr_fs_m; nopl 4(%esp)")]
    [InlineData("1: popl %ds", "1: call lily_pop_ds")]
    public void A_label_stays_on_exactly_one_call(string text, string expected) => Assert.Equal(expected + "\n", Gas.Convert(text + "\n"));

    [Theory]
    [InlineData("sti; hlt", "call lily_sti_hlt; ")]
    [InlineData("sti; sysexit", "call lily_sti_sysexit; ")]
    [InlineData("sti\n\tmwait", "call lily_sti_mwait\n\t")]
    public void Sti_is_fused_with_what_must_not_be_interrupted(string text, string expected) =>
        Assert.Equal(expected + "\n", Gas.Convert(text + "\n"));

    [Fact]
    public void Sti_before_a_label_is_not_fused()
    {
        Assert.Equal("call lily_sti; 1: call lily_hlt\n", Gas.Convert("sti; 1: hlt\n"));
    }

    [Theory]
    [InlineData("rep; insl", "call lily_rep_insl")]
    [InlineData("rep insb", "call lily_rep_insb")]
    [InlineData("repne; outsw", "call lily_rep_outsw")]
    [InlineData("rep\n outsb", "call lily_rep_outsb")]
    public void A_prefix_goes_with_its_instruction(string text, string expected) =>
        Assert.Equal(expected, Gas.Convert(text + "\n").Trim().TrimEnd(';'));

    [Theory]
    [InlineData("{disp32} lgdt 4(%esp)", "call lily_lgdt; nopl 4(%esp)")]
    [InlineData("{store} mov %ds,%eax", "call lily_rd_ds_eax")]
    [InlineData("{load}mov %eax, %ds", "call lily_wr_ds_eax")]
    [InlineData("mov.s %ds,%eax", "call lily_rd_ds_eax")]
    [InlineData("retf", "call lily_lret")]
    [InlineData("retfl $4", "call lily_lret_n; nopl 4")]
    [InlineData("jmp $8, $1f", "call lily_ljmp; nopl 8; nopl 1f")]
    [InlineData("calll $(8), $1f", "call lily_lcall; nopl (8); nopl 1f")]
    [InlineData("MOV %CR0, %EAX", "call lily_rd_cr0_eax")]
    public void Other_spellings_are_the_same_instruction(string text, string expected) =>
        Assert.Equal(expected + "\n", Gas.Convert(text + "\n"));

    [Fact]
    public void A_prefix_before_an_ordinary_instruction_stays()
    {
        Assert.Equal("rep; movsl; lock; addl %eax,(%ebx)\n", Gas.Convert("rep; movsl; lock; addl %eax,(%ebx)\n"));
    }

    [Theory]
    [InlineData("sti\n\tjne 1f\n1:", "call lily_sti")] // flags live
    [InlineData("sti\n\tcall f", "call lily_sti")] // unknown
    [InlineData("sti\n\tmovl %eax,%ebx\n\ttestl %eax,%eax", "movb $2,")]
    [InlineData("#APP\n\tsti\n#NO_APP", "movb $2,")] // GCC: inline assembly clobbers flags
    [InlineData("#APP\n\tsti; jc 1f; 1:\n#NO_APP", "call lily_sti")] // read inside the block
    [InlineData("sti\n.pushsection .rodata\n.long 1\n.popsection\n\txorl %eax,%eax", "movb $2,")]
    public void Sti_changes_flags_only_where_they_are_dead(string text, string expected) =>
        Assert.Contains(expected, Gas.Convert(text + "\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("#APP\n\tpushf ; pop %eax\n#NO_APP", "pushfl; popl %eax; andl $~0x200,%eax; orl %ss:0xff810000,%eax")]
    [InlineData("pushf ; pop %eax\n\tjz 1f", "call lily_pushf ; pop %eax")]
    [InlineData("pushf ; pop 4(%esp)", "call lily_pushf ; pop 4(%esp)")]
    [InlineData("push %esi ; popf", "movl %esi,%ss:0xff810000; andl $0x200,%ss:0xff810000")]
    [InlineData("push %esp ; popf", "push %esp ; call lily_popf")]
    public void Flag_idioms_are_recognised(string text, string expected) =>
        Assert.Contains(expected, Gas.Convert(text + "\n"), StringComparison.Ordinal);

    [Fact]
    public void A_restore_in_a_repeat_block_is_a_call()
    {
        Assert.Equal(".rept 2\npush %eax; call lily_popf\n.endr\n", Gas.Convert(".rept 2\npush %eax; popf\n.endr\n"));
    }

    [Fact]
    public void Library_data_is_named_through_ss()
    {
        Assert.Contains("movb $0,%ss:0xff810001", Gas.Convert("cli\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".section .altinstr_replacement,\"ax\"\n1: wrmsr\n.previous", "1: call lily_wrmsr")]
    [InlineData(".pushsection .altinstr_replacement,\"ax\"; cli; .popsection", "\"ax\"; call lily_cli; .popsection")]
    [InlineData(".section .altinstr_replacement\nverw %cs:sel\n.text", "verw %cs:sel")]
    public void An_alternative_holds_one_movable_call(string text, string expected) =>
        Assert.Contains(expected, Gas.Convert(text + "\n"), StringComparison.Ordinal);

    [Fact]
    public void An_alternative_that_cannot_move_is_an_error()
    {
        Assert.Contains("inside a patched alternative: only a plain call can be moved there: `invlpg (%eax)'",
            Gas.Error(".section .altinstr_replacement\ninvlpg (%eax)\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ALT \"\", \"wrmsr\", 5", "ALT \"\", \"call lily_wrmsr\", 5")]
    [InlineData("ALT \"verw %cs:sel\", \"\", 5", "ALT \"verw %cs:sel\", \"\", 5")]
    [InlineData("ALT \"in the beginning\"", "ALT \"in the beginning\"")]
    public void Quoted_macro_arguments_are_code(string text, string expected) =>
        Assert.EndsWith(expected + "\n", Gas.Convert(".macro ALT a b c\n\\a\n.endm\n" + text + "\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("ALT \"cli; nop\"")]
    [InlineData("ALT \"lgdt (%eax)\"")]
    [InlineData("ALT \"pushfw\"")]
    public void Quoted_code_that_cannot_move_is_an_error(string text) =>
        Assert.Contains("quoted macro argument", Gas.Error(".macro ALT a b c\n\\a\n.endm\n" + text + "\n"), StringComparison.Ordinal);

    [Fact]
    public void A_mnemonic_that_is_a_macro_argument_is_redefined()
    {
        const string Text = ".macro op_regs op\nfoo_\\op: \\op\n.endm\nop_regs rdmsr\nop_regs wrmsr\n";
        List<Iced.Intel.Instruction> code = Gas.Disassemble(Gas.Assemble(Gas.ConvertWhole(Text)));
        Assert.All(code, i => Assert.Equal(Iced.Intel.Mnemonic.Call, i.Mnemonic));
        Assert.Equal(2, code.Count);
    }

    [Fact]
    public void Irp_arguments_are_redefined_too()
    {
        List<Iced.Intel.Instruction> code = Gas.Disassemble(Gas.Assemble(Gas.ConvertWhole(".irp op, cli, wbinvd\n\\op\n.endr\n")));
        Assert.Equal([Iced.Intel.Mnemonic.Call, Iced.Intel.Mnemonic.Call], code.Select(i => i.Mnemonic));
    }

    [Fact]
    public void Inline_forms_in_macros_survive_many_expansions_and_repeats_get_calls()
    {
        const string Text = ".macro off\ncli\n.endm\noff\noff\n.rept 3\nsti\n.endr\n";
        List<Iced.Intel.Instruction> code = Gas.Disassemble(Gas.Assemble(Gas.ConvertWhole(Text)));
        Assert.Equal(2, code.Count(i => i.Mnemonic == Iced.Intel.Mnemonic.Mov));
        Assert.Equal(3, code.Count(i => i.Mnemonic == Iced.Intel.Mnemonic.Call));
    }

    [Theory]
    [InlineData(".code16\ncli\nlgdt x\nmovl %eax,%cr0\n.code32")]
    [InlineData(".code64\nmovq %rax,%cr3\ncli\n.code32")]
    [InlineData(".set .Llilyvm_rewrite, 0\ncli\nmovl %eax,%cr0\n.set .Llilyvm_rewrite, 1")]
    [InlineData(".ascii \"cli; hlt\"; .string \"mov %eax,%cr0\"")]
    [InlineData("# cli\n/ sti\n/* hlt\n cli */ nop # hlt")]
    [InlineData("movb $'\", %al; movb $';, %al; movl %fs:4,%eax; movl %esi,%esp; push %es_; call cli; jmp hlt")]
    [InlineData("cli: .long 0; hlt = 5; in_out: nop")]
    [InlineData(".intel_syntax noprefix\nmov eax, fs:[4]\npush eax\nmov ebx, [ecx]\n.att_syntax")]
    public void Other_text_passes_to_the_letter(string text) => Assert.Equal(text + "\n", Gas.Convert(text + "\n"));

    [Fact]
    public void The_escape_switch_ends_where_it_is_told()
    {
        string converted = Gas.Convert(".set .Llilyvm_rewrite, 0\nhlt\n.set .Llilyvm_rewrite, 1\nhlt\n");
        Assert.Equal(".set .Llilyvm_rewrite, 0\nhlt\n.set .Llilyvm_rewrite, 1\ncall lily_hlt\n", converted);
    }

    [Fact]
    public void Lines_stay_where_they_were()
    {
        const string Text = "nop\nrep\ninsb\nlgdt /* two\nlines */ (%eax)\nhlt; nop\nfoo:\n";
        string converted = Gas.Convert(Text);
        Assert.Equal(Text.Count(c => c == '\n'), converted.Count(c => c == '\n'));
        Assert.StartsWith("foo:", converted.Split('\n')[6], StringComparison.Ordinal);
    }
}
