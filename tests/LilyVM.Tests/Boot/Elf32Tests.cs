using CsCheck;
using LilyVM.Boot;

namespace LilyVM.Tests.Boot;

public class Elf32Tests
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
        Elf32 elf = Elf32.Parse(Sample, "k");
        Assert.Equal(0x100_0010u, elf.Entry);
        Assert.Equal([0x100_0000u, 0x100_1000u], elf.LoadSegments.Select(s => s.PhysicalAddress));
        Assert.Equal(["", ".text", ".data", ".notes", ".notes", ".symtab", ".strtab", ".shstrtab"], elf.Sections.Select(s => s.Name));
        Assert.Equal([".text"], elf.Sections.Where(s => s.IsExecutable).Select(s => s.Name));
        Assert.Equal([("", 0u), ("start", 0xC100_0000u), ("value", 0xC100_1000u)], elf.Symbols.Select(s => (s.Name, s.Address)));
        Assert.Equal([1, 2, 3, 4, 5], elf.Bytes(elf.Sections[2]).ToArray());
        Assert.Equal(["GNU", "LilyVM"], elf.Notes().Select(n => n.Owner));
        Assert.Equal([9, 9], elf.Notes().First().Descriptor.ToArray());
    }

    [Fact]
    public void Reads_what_binutils_wrote()
    {
        Elf32 elf = Elf32.Parse(ToolElf.Link(".text\n.globl _start\n_start: nop\nfoo: ret\n.size foo, 1\n.type foo, @function\n.bss\n.space 64\n"), "linked");
        ElfSymbol foo = Assert.Single(elf.Symbols, s => s.Name == "foo");
        Assert.Equal((elf.Entry + 1, 1u, 2), (foo.Address, foo.Size, foo.Type));
        Assert.Equal(0xC3, elf.Image.Span[elf.FileOffset(foo.Address, 1)!.Value]);
    }

    [Fact]
    public void File_offsets_exist_only_for_bytes_in_the_file()
    {
        Elf32 elf = Elf32.Parse(Sample, "k");
        int offset = elf.FileOffset(0xC100_1001, 4)!.Value;
        Assert.Equal(2, Sample[offset]);
        Assert.Null(elf.FileOffset(0xC100_1001, 5));
        Assert.Null(elf.FileOffset(0xC0FF_FFFF, 1));
        Assert.Null(elf.FileOffset(0xFFFF_FFFF, 2));
    }

    [Theory]
    [InlineData(0, 0, "is not an ELF file")]
    [InlineData(4, 2, "not for 32-bit x86")]
    [InlineData(5, 2, "not for 32-bit x86")]
    [InlineData(18, 62, "not for 32-bit x86")]
    [InlineData(16, 1, "not an executable")]
    [InlineData(42, 33, "program headers have the wrong size")]
    [InlineData(31, 0x7F, "the table of program headers reaches beyond the end of the file")]
    [InlineData(46, 1, "section headers have the wrong size")]
    [InlineData(50, 99, "the section that holds the section names does not exist")]
    [InlineData(52 + 7, 0x7F, "a segment reaches beyond the end of the file")]
    [InlineData(52 + 16, 200, "a segment is larger in the file than in memory")]
    [InlineData(52 + 23, 0xFF, "a segment reaches beyond 4 GiB")]
    public void Names_the_damage(int offset, byte value, string message)
    {
        byte[] image = [.. Sample];
        image[offset] = value;
        var error = Assert.Throws<LilyVMException>(() => Elf32.Parse(image, "the-kernel"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("the-kernel ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_one_sentence()
    {
        var error = Assert.Throws<LilyVMException>(() => Elf32.Load("/nonexistent/vmlinux"));
        Assert.Equal("Cannot read /nonexistent/vmlinux: there is no such file.", error.Message);
    }

    [Fact]
    public void Truncation_and_bit_flips_end_in_a_file_or_a_sentence()
    {
        var flips = Gen.Select(Gen.Int[0, Sample.Length - 1], Gen.Int[0, 7]).Array[0, 12];
        Gen.Select(Gen.Int[0, Sample.Length], flips, Gen.Bool).Sample(
            (length, bits, headerOnly) =>
            {
                byte[] image = [.. Sample];
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
            Elf32 elf = Elf32.Parse(image, "k");
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
