using CsCheck;
using LilyVM.Assembler;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Preprocessor;

public class BadInputTests
{
    [Theory]
    [InlineData("iretw", "test.s:1: Error: unsupported form of a sensitive instruction: `iretw'")]
    [InlineData("nop\nmovl %cr7,%eax", "test.s:2: Error: unsupported form of a sensitive instruction: `movl %cr7,%eax'")]
    [InlineData("movl %esp,%cr3", "unsupported form")]
    [InlineData("pushw %ds", "unsupported form")]
    [InlineData("data16 iret", "unsupported prefix `data16'")]
    [InlineData("lock; cli", "unsupported prefix `lock'")]
    [InlineData("movzwl %ds,%eax", "unsupported form")]
    [InlineData(".macro m op\n\\op %cr3,%eax\n.endm", "test.s:2: Error: unsupported form")]
    [InlineData("mov\\w %eax,%ds", "unsupported form")]
    [InlineData(".intel_syntax noprefix\ncli\n", "in an .intel_syntax or noprefix region")]
    [InlineData(".intel_syntax noprefix\nmov eax, cr0\n", "in an .intel_syntax or noprefix region")]
    [InlineData(".intel_syntax\nmov ds, ax\n", "in an .intel_syntax or noprefix region")]
    [InlineData(".intel_syntax noprefix\njmp far ptr [eax]\n", "in an .intel_syntax or noprefix region")]
    [InlineData(".intel_syntax noprefix\njmp 8:there\n", "in an .intel_syntax or noprefix region")]
    [InlineData(".intel_syntax noprefix\nrep insd\n", "in an .intel_syntax or noprefix region")]
    [InlineData(".att_syntax noprefix\nmov ds, ax\n", "in an .intel_syntax or noprefix region")]
    [InlineData("mov %ax,%cs", "unsupported form of a sensitive instruction: `mov %ax,%cs'")]
    [InlineData("mov %eax,%tr6", "unsupported form")]
    [InlineData("jmpw $8,$9", "unsupported form")]
    [InlineData("retfw", "unsupported form")]
    [InlineData("{disp32} movw %ds,(%eax)\n{load} mov %cr9,%eax", "test.s:2: Error: unsupported form")]
    [InlineData("stack = %ss\nmov stack,%eax", "test.s:1: Error: a system register by another name")]
    [InlineData(".set c,%cr0", "a system register by another name")]
    [InlineData(".macro m op a\n\\op \\a\n.endm\nm lgdt, table", "test.s:4: Error: a sensitive mnemonic with operands is a macro argument")]
    [InlineData(".macro m r\nmov %eax,\\r\n.endm\nm %ds", "test.s:4: Error: a system register is a macro argument")]
    [InlineData(".irp r,ds,es\npush %\\r\n.endr", "test.s:1: Error: a system register is a macro argument")]
    [InlineData(".macro m a\n\\a\n.endm\nm \"jmpw $8,$9\"", "quoted macro argument")]
    [InlineData("a\n.macro m\ncli", "test.s:2: Error: the .macro that starts here never ends")]
    [InlineData(".rept 4\nnop\n", "the .rept that starts here never ends")]
    [InlineData(".endm", ".endm without its beginning")]
    [InlineData(".rept 2\n.endm", ".endm without its beginning")]
    [InlineData("nop /* no end", "a comment that starts here never ends")]
    [InlineData("\n.ascii \"abc", "test.s:2: Error: a string that starts here never ends")]
    [InlineData("nop\0", "the input is not assembly text (NUL byte at offset 3)")]
    [InlineData("# 40 \"arch/x86/x.S\"\nnop\niretw", "arch/x86/x.S:41: Error:")]
    public void Each_fault_is_one_sentence_with_its_place(string text, string expected)
    {
        string error = Gas.Error(text);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void Random_text_never_throws_and_clean_text_passes_unchanged()
    {
        string[] pieces = ["cli", "mov", "%cr3", "%eax", ",", ";", "\n", "\"", "'", "(", ")", "$", "\\x", "# c", "/*", "*/", ".macro m",
            ".endm", "rep", "insb", " ", "\t", ":", ".if 1", "pushf", "pop", "\\", "push", "popf", "a", "{disp32}", "{", "jmp", "$8", "%cs",
            "%ax", "%tr6", "retf", ".s", ".space 9", ".balign 4", ".intel_syntax noprefix", "=", ".set"];
        Gen<string> words = Gen.Int[0, pieces.Length - 1].List[0, 40].Select(picks => string.Concat(picks.Select(p => pieces[p])));
        words.Sample(text =>
        {
            ConversionResult result = Converter.Convert(text, "f.s", new ConversionOptions());
            if (result.Errors.Count == 0 && result.Statistics.RewrittenTotal == 0)
                Assert.Equal($"# 1 \"f.s\"\n{text}" + (text.EndsWith('\n') || text.Length == 0 ? "" : "\n"), result.Text);
        }, iter: 20_000);
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        Gen.Byte.Array[0, 300].Sample(bytes => Converter.Convert(System.Text.Encoding.Latin1.GetString(bytes), "f.s",
            new ConversionOptions()), iter: 5_000);
    }
}
