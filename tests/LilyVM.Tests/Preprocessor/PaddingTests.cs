using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Preprocessor;

/// <summary>Routines that are padded to a size keep it when their instructions grow, or the assembler names them.</summary>
public class PaddingTests
{
    private const string Cli = "cli; .skip 12,0x90; sti; ret";

    [Theory]
    [InlineData(Cli + "\n.space 32\n.balign 32", 0)]
    [InlineData(Cli + "\n.skip 32, 0x90\n.p2align 5,0x90", 0)]
    [InlineData(Cli + "\n.fill 32\n.align 32", 0)]
    [InlineData(Cli + "\n.fill 8,4,0\n.align 32", 0)]
    [InlineData(Cli + "\n.fill 32,1,0x90\n.balign 32", 0)]
    [InlineData(Cli + "\n.zero 4*8\n.balign 4", 0)]
    [InlineData(Cli + "\n.space 32", 0)]
    [InlineData(Cli + "\n.rept 32\nnop\n.endr\n.balign 16", 0)]
    [InlineData("cli; .space 3; ret; .space 2; .byte 1; .space 0x20; .balign 8", 0)]
    [InlineData("movl %ds,%eax; mov %cr3,%ecx; lgdt (%esp); rep insb; .space 40", 0)]
    [InlineData("#APP\npushf; pop %eax; sti; push %ecx; popf\n#NO_APP\nret; .space 100; .balign 4", 0)]
    [InlineData("cli; jne 1f; .skip 20; 1: sti; jmp a; .space 64; .balign 4", 0)]
    [InlineData("cli; ret; .space 2; .balign 1", 5)] // outgrown: 7 more, 2 to give
    public void Growth_is_taken_from_the_padding(string body, int larger)
    {
        string text = $".text\n.balign 32\na: {body}\nend_a: .section .sizes,\"a\"\n.long end_a-a\n";
        (int plain, _) = Size(text);
        (int converted, string messages) = Size(Gas.ConvertWhole(text));
        Assert.Equal(plain + larger, converted);
        Assert.Equal(larger > 0, messages.Contains("test.s:3: Warning: routine a outgrows its padding", StringComparison.Ordinal));
    }

    [Fact]
    public void Each_routine_has_its_own_sum()
    {
        string text = ".text\n.balign 32\na: cli; cli; ret; .space 32; .balign 32\nend_a: b: cli; ret; .space 32; .balign 32\n.section " +
            ".sizes,\"a\"\n.long end_a-a\n";
        Assert.Equal(Size(text).Size, Size(Gas.ConvertWhole(text)).Size);
        string second = text.Replace("end_a-a", "end-b", StringComparison.Ordinal)
            .Replace("\n.section", "\nend: .section", StringComparison.Ordinal);
        Assert.Equal(Size(second).Size, Size(Gas.ConvertWhole(second)).Size);
    }

    [Theory]
    [InlineData("cli; hlt; stack: .space 64")] // storage has a label
    [InlineData("cli; .skip 4096")]
    [InlineData("cli; 1: .skip 2f-1b,0x90; 2:")] // computed by the source itself
    [InlineData("cli; 1: ret; .skip (2f-1b)*3; 2:")]
    [InlineData("cli; .fill a+16-.,1,0xcc")]
    [InlineData("cli; .data; .space 8")]
    [InlineData(".macro m\ncli\n.space 4\n.endm")]
    [InlineData(".space 8; .balign 4; cli")]
    public void Other_room_stays(string text) => Assert.DoesNotContain("grown", Gas.ConvertWhole($"a: {text}\n"), StringComparison.Ordinal);

    [Fact]
    public void A_routine_with_nothing_but_alignment_is_named()
    {
        const string Text = ".text\n.balign 32\nlock:\ncli\nret\n.balign 32\nlock_end: nop\n";
        Assert.Contains("test.s:7: Warning: routine lock may have outgrown its alignment",
            Size(Gas.ConvertWhole(Text) + ".section .sizes,\"a\"\n.long 0\n").Messages, StringComparison.Ordinal);
        Assert.DoesNotContain(".warning", Gas.ConvertWhole(Text.Replace("lock_end", "unlock", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.DoesNotContain(".warning", Gas.ConvertWhole(Text.Replace("cli", "nop", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    // What the text writes into section .sizes, and what the assembler says.
    private static (int Size, string Messages) Size(string text)
    {
        string directory = Directory.CreateTempSubdirectory("lilyvm-padding").FullName;
        try
        {
            string source = Path.Combine(directory, "t.s");
            File.WriteAllText(source, text, Encoding.Latin1);
            Command.Result gas = Command.Run("as", ["--32", "-o", source + ".o", source]);
            Assert.True(gas.Status == 0, string.Create(CultureInfo.InvariantCulture, $"{gas.Error}\n{text}"));
            Command.Run("objcopy", ["-O", "binary", "-j", ".sizes", source + ".o", source + ".bin"]);
            return (BinaryPrimitives.ReadInt32LittleEndian(File.ReadAllBytes(source + ".bin")), gas.Error);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
