using LilyVM.Assembler;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Preprocessor;

/// <summary>What a converter of 64-bit kernel text can get wrong; each was met in Linux or is one letter away from it.</summary>
public class PitfallX64Tests
{
    [Theory]
    [InlineData("1: rdmsr; 2:", "1: call lily_rdmsr; 2:")]
    [InlineData("1: movl %eax,%gs", "1: call lily_wr_gs_v; nopl (%rax)")]
    [InlineData("1: movq %r12,%cr3", "1: call lily_wr_cr3; nopl (%r12)")]
    [InlineData("movl %esp,%ds", "call lily_wr_ds_v; nopl (%rsp)")]
    [InlineData("lgdt 4(%rsp)", "call lily_lgdt; nopl 4(%rsp)")]
    [InlineData("lidt idt_descr(%rip)", "call lily_lidt; nopl idt_descr(%rip)")]
    [InlineData("invlpg (%r13,%r14,2)", "call lily_invlpg; nopl (%r13,%r14,2)")]
    [InlineData("str %r9w", "call lily_str_r16; nopl (%r9)")]
    [InlineData("outb %al, $0x80", "call lily_outb_imm; nopl 0x80")]
    [InlineData("sti; hlt", "call lily_sti_hlt; ")]
    [InlineData("sti\n\tmwait", "call lily_sti_mwait\n\t")]
    [InlineData("rep; insb", "call lily_rep_insb; ")]
    [InlineData("iretq", "movq $.+5,0x7f1000b0; jmp lily_iret")]
    [InlineData("sysretq", "movq $.+5,0x7f1000b0; jmp lily_sysret")]
    public void Calls_and_jumps(string text, string expected) => Assert.Equal(expected + "\n", Gas.Convert(text + "\n", 64));

    [Theory]
    [InlineData("cli", "movb $0,0x7f100001;")]
    [InlineData("swapgs", "notb 0x7f1000a8;")]
    [InlineData("movq %cr2,%rdi", "movq 0x7f100028,%rdi;")]
    [InlineData("mov %cr3,%r15", "movq 0x7f100030,%r15;")]
    [InlineData("mov %dr6,%rax", "movq 0x7f100068,%rax;")]
    [InlineData("mov %fs,%eax", "movl 0x7f100098,%eax;")]
    [InlineData("movw %ds,%r8w", "movw 0x7f100090,%r8w;")]
    [InlineData("pushq %gs", "pushq 0x7f1000a0;")]
    [InlineData("sti\n\txorl %eax,%eax", "movb $2,0x7f100001; cmpb $0,0x7f100008; je .+7; call lily_deliver;")]
    [InlineData("#APP\n# 26 \"irqflags.h\" 1\n\tpushf ; pop %rax\n#NO_APP", "pushq 0x7f100000;")]
    public void Nothing_is_called_where_the_vcpu_page_knows(string text, string expected) =>
        Assert.Contains(expected, Gas.Convert(text + "\n", 64), StringComparison.Ordinal);

    [Theory]
    [InlineData("sti\n\tjne 1f\n1:", "call lily_sti\n")] // flags live
    [InlineData("cmpl $1,%eax\n\tpushfq", "call lily_pushf")] // flags shown
    [InlineData(".rept 2\nswapgs\n.endr", "call lily_swapgs")] // no label can be unique
    public void Where_flags_matter_or_labels_cannot_be_there_is_a_call(string text, string expected) =>
        Assert.Contains(expected, Gas.Convert(text + "\n", 64), StringComparison.Ordinal);

    [Fact]
    public void Nothing_pushes_at_the_entry_of_a_system_call()
    {
        string converted = Gas.Convert(
            "entry: swapgs\n\tmovq %rsp, scratch\n\tmovq top, %rsp\n\tmovq scratch, %rsp\n\tswapgs\n\tsysretq\n", 64);
        Assert.DoesNotContain("call", converted, StringComparison.Ordinal);
        Assert.DoesNotContain("push ", converted, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".section .head.text,\"ax\"\nrdmsr\n", "call *0x7f1010")]
    [InlineData(".set .Llilyvm_absolute_calls, 1\nrdmsr\n", "call *0x7f1010")]
    [InlineData(".section .head.text,\"ax\"\nsti\nxorl %eax,%eax\n", "call *0x7f101008")]
    [InlineData(".section .head.text,\"ax\"\niretq\n", "jmp *0x7f1010")]
    public void Code_at_physical_addresses_calls_by_absolute_address(string text, string expected) =>
        Assert.Contains(expected, Gas.Convert(text, 64), StringComparison.Ordinal);

    [Fact]
    public void A_whole_object_may_call_by_absolute_address()
    {
        ConversionResult result = Converter.Convert("rdmsr\n.set .Llilyvm_absolute_calls, 0\n", "t.s",
            new ConversionOptions { Bits = 64, AbsoluteCalls = true });
        Assert.Contains("call *0x7f1010", result.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".section .altinstr_replacement,\"ax\"\n1: wrmsr\n.previous", "1: call lily_wrmsr\n")]
    [InlineData(".section .altinstr_replacement,\"ax\"\nmov %cr3,%rax\n.previous", "movq 0x7f100030,%rax;")]
    public void Alternatives_stay_movable(string text, string expected) =>
        Assert.Contains(expected, Gas.Convert(text + "\n", 64), StringComparison.Ordinal);

    [Theory]
    [InlineData(".section .altinstr_replacement\niretq")]
    [InlineData(".section .altinstr_replacement\nmov %rax,%cr3")]
    [InlineData("syscall")]
    [InlineData("sysenter")]
    [InlineData("iret")]
    [InlineData("ljmpq *(%rax)")]
    [InlineData("mov %cr1,%rax")]
    [InlineData(".intel_syntax noprefix\nmov rax, cr3")]
    [InlineData(".intel_syntax noprefix\npushfq")]
    public void What_has_no_form_is_refused(string text) =>
        Assert.Contains(": Error: ", Gas.Error(text + "\n", new ConversionOptions { Bits = 64 }), StringComparison.Ordinal);

    [Theory]
    [InlineData(".code32\ncli\nlgdt x\nmovl %eax,%cr0\n.code64")]
    [InlineData(".code16\ncli\nlgdt x\n.code64")]
    [InlineData("movq %gs:8,%rax; movl %edi,%esp; push %rsi; call *%rax; wrfsbase %rax; rdtsc")]
    public void Other_text_passes_to_the_letter(string text) => Assert.Equal(text + "\n", Gas.Convert(text + "\n", 64));

    [Theory]
    [InlineData("f: movl %edi,-4(%rsp)\nrdmsr\nmovl -4(%rsp),%ecx\nret", true)]
    [InlineData("f: rdmsr\n.L2: addq $1,-8(%rsp,%rax)\nret", true)]
    [InlineData("f: movl %edi,-4(%rsp)\nret\ng: rdmsr", false)] // another function
    [InlineData("f: leaq -8(%rsp),%rax\nrdmsr", false)] // an address only
    [InlineData("f: movl %edi,-4(%rsp)\ncli\nret", false)] // nothing is called
    [InlineData("f: movl %edi,-4(%rbp)\nrdmsr", false)]
    public void A_red_zone_is_told_where_a_call_breaks_it(string text, bool told) =>
        Assert.Equal(told, Gas.ConvertWhole(text + "\n", 64).Contains("-mno-red-zone", StringComparison.Ordinal));

    [Fact]
    public void A_redefined_mnemonic_keeps_its_original_bytes()
    {
        byte[] note = Gas.Section(".note.lilyvm", Gas.ConvertWhole(".macro do op\n\\op\n.endm\ndo cli\ncli\n", 64), 64);
        Assert.Equal([8, 1, 0xFA], note[36..39]);
    }

    [Fact]
    public void The_note_keeps_the_original_bytes()
    {
        byte[] note = Gas.Section(".note.lilyvm", Gas.ConvertWhole("a: nop\nmov %cr3,%r9\nswapgs\nint $0x80\n", 64), 64);
        Assert.Equal((7, 16 * 3 + 8, 2), (BitConverter.ToInt32(note), BitConverter.ToInt32(note, 4), BitConverter.ToInt32(note, 8)));
        Assert.Equal((1, 3), (BitConverter.ToInt32(note, 20), BitConverter.ToInt32(note, 24)));
        Assert.Equal([0x10_0001, 0x10_0009, 0x10_0010], Enumerable.Range(0, 3).Select(i => BitConverter.ToInt64(note, 28 + 16 * i)));
        Assert.Equal([8, 4, 0x41, 0x0F, 0x20, 0xD9, 0, 0], note[36..44]);
        Assert.Equal([7, 3, 0x0F, 0x01, 0xF8, 0, 0, 0], note[52..60]);
        Assert.Equal([13, 2, 0xCD, 0x80, 0, 0, 0, 0], note[68..76]);
    }
}
