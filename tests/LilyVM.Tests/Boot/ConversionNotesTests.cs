using LilyVM.Abi;
using LilyVM.Boot;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Boot;

public class ConversionNotesTests
{
    private static readonly InlineSite Cli = new(0xC100_0000, 8, 1, 0xFA, 0), Sti = new(0xC100_0008, 23, 1, 0xFB, 0);
    private static readonly ConvertedSite CliFound = new(0xC100_0000, 8, 1, 0xFA), StiFound = new(0xC100_0008, 23, 1, 0xFB);

    [Fact]
    public void Sums_the_notes_of_all_objects()
    {
        ConversionNotes notes = Read(new ElfBuilder().Conversion(1, 10, Cli).Conversion(1, 5).Conversion(1, 1, Sti));
        Assert.Equal((3, 16), (notes.Objects, notes.Rewritten));
        Assert.Equal([1u], notes.AbiVersions);
        Assert.Equal([CliFound, StiFound], notes.InlineSites);
    }

    [Fact]
    public void Ignores_notes_of_others()
    {
        Assert.False(Read(new ElfBuilder().Note("GNU", 1, 1, 0, 0, 0, 1, 0, 0, 0).Note("LilyVM", 3, 1, 0, 0, 0, 1, 0, 0, 0)).IsConverted);
    }

    [Fact]
    public void Finds_notes_without_section_headers()
    {
        Assert.Equal(10, Read(new ElfBuilder { WithSections = false }.Conversion(1, 10)).Rewritten);
    }

    [Fact]
    public void Finds_notes_that_the_linker_merged()
    {
        const string Note = ".section .note.lilyvm,\"a\",@note\n.long 7, 16, 1\n.asciz \"LilyVM\"\n.balign 4\n.long 1, 21\n.long " +
            "_start\n.byte 8, 1, 0xFA, 0\n";
        ConversionNotes notes = ConversionNotes.Read(Elf.Parse(ToolElf.Link(".globl _start\n_start: nop\n" + Note + Note), "k"));
        Assert.Equal((2, 42), (notes.Objects, notes.Rewritten));
        Assert.Equal([CliFound, CliFound], notes.InlineSites);
    }

    [Fact]
    public void The_note_survives_strip_and_is_not_in_a_flat_image()
    {
        string text = Gas.ConvertWhole(".globl _start\n_start: cli\nret\n");
        ConversionNotes stripped = ConversionNotes.RequireConverted(Elf.Parse(ToolElf.Link(text, "--strip-all"), "k"));
        Assert.Equal((1, 0xC100_0000ul), (stripped.Rewritten, stripped.InlineSites[0].Address));
        Assert.Equal(9, ToolElf.Link(text, "-O", "binary").Length); // movb and ret
    }

    [Fact]
    public void Says_where_the_note_of_a_converted_kernel_may_have_gone()
    {
        Assert.Contains("has no section headers and no conversion note", Refusal(new ElfBuilder { WithSections = false }),
            StringComparison.Ordinal);
        Assert.Contains("a linker script that discards .note sections drops it too",
            Refusal(new ElfBuilder().Symbol("lily_cli", VmArea.JumpTable, section: 0xFFF1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_an_unconverted_kernel_and_says_how_to_convert()
    {
        Assert.Equal(
            "vmlinux was not converted: build it with CC=\"gcc -B<directory of lily-as>\", as the README shows.",
            Refusal(new ElfBuilder()));
    }

    [Fact]
    public void Refuses_another_version_and_a_mixture()
    {
        Assert.Contains("for ABI version 2, but this LilyVM has version 1", Refusal(new ElfBuilder().Conversion(2, 1)),
            StringComparison.Ordinal);
        Assert.Contains("for ABI version 1 and 7,", Refusal(new ElfBuilder().Conversion(7, 1).Conversion(1, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_off_note_is_named()
    {
        Assert.Contains("a conversion note is cut off", Refusal(new ElfBuilder().Note("LilyVM", 1, 1, 0, 0, 0)), StringComparison.Ordinal);
        Assert.Contains("inline sites", Refusal(new ElfBuilder().Note("LilyVM", 1, 1, 0, 0, 0, 1, 0, 0, 0, 5)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_converted_x86_64_kernel_tells_its_sites()
    {
        ConversionNotes notes = ConversionNotes.RequireConverted(Wide("_start: cli; int $3; int $0x80; ret"));
        Assert.Same(GuestArchitecture.X64, notes.Architecture);
        Assert.Equal((1, 3), (notes.Objects, notes.Rewritten));
        Assert.Equal([new ConvertedSite(0x4100_0000, 8, 1, 0xFA), new ConvertedSite(0x4100_0008, 13, 1, 0xCC),
            new ConvertedSite(0x4100_0015, 13, 2, 0x80CD)], notes.InlineSites);
    }

    [Fact]
    public void A_32_bit_file_with_64_bit_code_is_an_x86_64_kernel()
    {
        byte[] file = ToolElf.Link64(Gas.ConvertWhole(".globl _start\n_start: cli; ret\n", bits: 64), "-I", "elf64-x86-64", "-O",
            "elf32-i386");
        ConversionNotes notes = ConversionNotes.RequireConverted(Elf.Parse(file, "k"));
        Assert.Equal((64, 1), (notes.Architecture.Bits, notes.InlineSites.Count));
    }

    [Fact]
    public void Code_for_two_architectures_is_refused()
    {
        const string Note32 = ".section .note.second,\"\",@note\n.balign 4\n.long 7, 8, 1\n.asciz \"LilyVM\"\n.balign 4\n.long 1, 21\n";
        byte[] mixed = ToolElf.Link64(Gas.ConvertWhole(".globl _start\n_start: cli; ret\n", bits: 64) + Note32),
            wrong = ToolElf.Link64($".globl _start\n_start: ret\n{Note32}");
        Assert.Equal(
            "vmlinux holds objects that were converted for IA-32 and for x86-64: build all of it for one of them.",
            Assert.Throws<LilyVMException>(() => ConversionNotes.Read(Elf.Parse(mixed, "vmlinux"))).Message);
        Assert.Equal(
            "vmlinux is a 64-bit file that was converted for IA-32: assemble it with as --64.",
            Assert.Throws<LilyVMException>(() => ConversionNotes.Read(Elf.Parse(wrong, "vmlinux"))).Message);
    }

    [Fact]
    public void A_kernel_in_the_upper_half_is_refused()
    {
        byte[] kernel = ToolElf.Link64At(0xFFFF_FFFF_8100_0000, ".globl _start\n_start: ret\n");
        Assert.StartsWith(
            "vmlinux is linked at 0xffffffff80fff000, in the upper half",
            Assert.Throws<LilyVMException>(() => ConversionNotes.RequireConverted(Elf.Parse(kernel, "vmlinux"))).Message,
            StringComparison.Ordinal);
        Assert.False(ConversionNotes.Read(Elf.Parse(kernel, "vmlinux")).IsConverted);
    }

    private static Elf Wide(string code) => Elf.Parse(ToolElf.Link64(Gas.ConvertWhole($".globl _start\n{code}\n", bits: 64)), "vmlinux");

    private static ConversionNotes Read(ElfBuilder kernel) => ConversionNotes.Read(Elf.Parse(kernel.Build(), "vmlinux"));

    private static string Refusal(ElfBuilder kernel) =>
        Assert.Throws<LilyVMException>(() => ConversionNotes.RequireConverted(Elf.Parse(kernel.Build(), "vmlinux"))).Message;
}
