using CsCheck;
using LilyVM.Boot;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Boot;

public class ElfTests
{
    private static readonly byte[] Sample = new ElfBuilder { Entry = 0x100_0010 }
        .Code(".text", 0xC100_0000, 0x90, 0xC3)
        .Data(".data", 0xC100_1000, 1, 2, 3, 4, 5)
        .Symbol("start", 0xC100_0000, 2)
        .Symbol("value", 0xC100_1000, 4, type: 1, section: 2)
        .Note("GNU", 3, 9, 9)
        .Conversion(1, 12)
        .Build();

    [Fact]
    public void Reads_what_the_builder_wrote()
    {
        Elf elf = Elf.Parse(Sample, "k");
        Assert.Same(GuestArchitecture.Ia32, elf.Architecture);
        Assert.Equal(0x100_0010u, elf.Entry);
        Assert.Equal([0x100_0000ul, 0x100_1000ul], elf.LoadSegments.Select(s => s.PhysicalAddress));
        Assert.Equal(["", ".text", ".data", ".notes", ".notes", ".symtab", ".strtab", ".shstrtab"], elf.Sections.Select(s => s.Name));
        Assert.Equal([".text"], elf.Sections.Where(s => s.IsExecutable).Select(s => s.Name));
        Assert.Equal([("", 0ul), ("start", 0xC100_0000ul), ("value", 0xC100_1000ul)], elf.Symbols.Select(s => (s.Name, s.Address)));
        Assert.Equal([1, 2, 3, 4, 5], elf.Bytes(elf.Sections[2]).ToArray());
        Assert.Equal(["GNU", "LilyVM"], elf.Notes().Select(n => n.Owner));
        Assert.Equal([9, 9], elf.Notes().First().Descriptor.ToArray());
    }

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void Reads_what_binutils_wrote(int bits)
    {
        const string Text = ".text\n.globl _start\n_start: nop\nfoo: ret\n.size foo, 1\n.type foo, @function\n.bss\n.space 64\n";
        Elf elf = Elf.Parse(bits == 32 ? ToolElf.Link(Text) : ToolElf.Link64(Text), "linked");
        Assert.Equal(bits, elf.Architecture.Bits);
        ElfSymbol foo = Assert.Single(elf.Symbols, s => s.Name == "foo");
        Assert.Equal((elf.Entry + 1, 1ul, (byte)2), (foo.Address, foo.Size, foo.Type));
        Assert.Equal(0xC3, elf.Image.Span[elf.FileOffset(foo.Address, 1)!.Value]);
        Assert.Equal(elf.Entry, Assert.Single(elf.LoadSegments, s => (s.Flags & 1) != 0).PhysicalAddress);
        Assert.Equal([0x90, 0xC3], elf.Bytes(Assert.Single(elf.Sections, s => s.IsExecutable)).ToArray());
        Assert.Equal(64u, Assert.Single(elf.Sections, s => s.Name == ".bss").Size);
    }

    [Fact]
    public void Notes_of_64_bit_files_are_padded_as_their_section_says()
    {
        const string Note = ".long 4, 4, 9\n.asciz \"GNU\"\n.long 7\n";
        string wide = $".section .note.wide,\"a\",@note\n.balign 8\n{Note}.balign 8\n{Note}.balign 8\n",
            narrow = $".section .note.narrow,\"a\",@note\n.balign 4\n{Note}{Note}";
        Elf elf = Elf.Parse(ToolElf.Link64($".globl _start\n_start: ret\n{wide}{narrow}"), "k");
        Assert.Equal([9u, 9u, 9u, 9u], elf.Notes().Select(n => n.Type));
        Assert.All(elf.Notes(), n => Assert.Equal([7, 0, 0, 0], n.Descriptor.ToArray()));
    }

    [Fact]
    public void File_offsets_exist_only_for_bytes_in_the_file()
    {
        Elf elf = Elf.Parse(Sample, "k");
        int offset = elf.FileOffset(0xC100_1001, 4)!.Value;
        Assert.Equal(2, Sample[offset]);
        Assert.Null(elf.FileOffset(0xC100_1001, 5));
        Assert.Null(elf.FileOffset(0xC0FF_FFFF, 1));
        Assert.Null(elf.FileOffset(0xFFFF_FFFF, 2));
        Assert.Null(elf.FileOffset(ulong.MaxValue, 2));
    }

    [Theory]
    [InlineData(32, 0, 0, "is not an ELF file")]
    [InlineData(32, 4, 2, "is not for x86")]
    [InlineData(32, 5, 2, "is not for x86")]
    [InlineData(32, 18, 62, "is not for x86")]
    [InlineData(32, 16, 1, "not an executable")]
    [InlineData(32, 42, 33, "program headers have the wrong size")]
    [InlineData(32, 31, 0x7F, "the table of program headers reaches beyond the end of the file")]
    [InlineData(32, 46, 1, "section headers have the wrong size")]
    [InlineData(32, 50, 99, "the section that holds the section names does not exist")]
    [InlineData(32, 52 + 7, 0x7F, "a segment reaches beyond the end of the file")]
    [InlineData(32, 52 + 16, 200, "a segment is larger in the file than in memory")]
    [InlineData(32, 52 + 23, 0xFF, "a segment reaches beyond 4 GiB")]
    [InlineData(64, 4, 1, "is not for x86")]
    [InlineData(64, 18, 3, "is not for x86")]
    [InlineData(64, 16, 1, "not an executable")]
    [InlineData(64, 54, 57, "program headers have the wrong size")]
    [InlineData(64, 39, 0x7F, "the table of program headers reaches beyond the end of the file")]
    [InlineData(64, 58, 1, "section headers have the wrong size")]
    [InlineData(64, 64 + 15, 0xFF, "a segment reaches beyond the end of the file")]
    public void Names_the_damage(int bits, int offset, byte value, string message)
    {
        byte[] image = bits == 32 ? [.. Sample] : ToolElf.Link64(".globl _start\n_start: ret\n");
        image[offset] = value;
        var error = Assert.Throws<LilyVMException>(() => Elf.Parse(image, "the-kernel"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("the-kernel ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_one_sentence()
    {
        var error = Assert.Throws<LilyVMException>(() => Elf.Load("/nonexistent/vmlinux"));
        Assert.Equal("Cannot read /nonexistent/vmlinux: there is no such file.", error.Message);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void Truncation_and_bit_flips_end_in_a_file_or_a_sentence(int wide)
    {
        byte[] sample = wide == 32 ? Sample : ToolElf.Link64(Gas.ConvertWhole(".globl _start\n_start: cli\nret\n", bits: 64));
        var flips = Gen.Select(Gen.Int[0, sample.Length - 1], Gen.Int[0, 7]).Array[0, 12];
        Gen.Select(Gen.Int[0, sample.Length], flips, Gen.Bool).Sample(
            (length, bits, headerOnly) =>
            {
                byte[] image = [.. sample];
                foreach ((int offset, int bit) in bits)
                    image[headerOnly ? offset % 250 : offset] ^= (byte)(1 << bit);
                ReadEverything(image.AsMemory(0, headerOnly ? image.Length : length));
            },
            iter: 20_000);
    }

    private static void ReadEverything(ReadOnlyMemory<byte> image)
    {
        try
        {
            Elf elf = Elf.Parse(image, "k");
            foreach (ElfSection section in elf.Sections)
                _ = elf.Bytes(section).Length;
            foreach (ElfSegment segment in elf.Segments)
                _ = elf.Bytes(segment).Length;
            _ = ConversionNotes.Read(elf);
        }
        catch (LilyVMException e)
        {
            Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
        }
    }
}
