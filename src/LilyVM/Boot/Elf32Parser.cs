using System.Buffers.Binary;
using System.Text;

namespace LilyVM.Boot;

/// <summary>Reads the tables of an <see cref="Elf32"/>. Layouts: System V gABI, chapters 4 and 5.</summary>
internal sealed class Elf32Parser(ReadOnlyMemory<byte> image, string fileName)
{
    private const int HeaderSize = 52, ProgramHeaderSize = 32, SectionHeaderSize = 40, SymbolSize = 16;
    private const ushort Executable = 2, Machine386 = 3;

    internal Elf32 Parse()
    {
        if (image.Length < 4 || !image.Span[..4].SequenceEqual("\x7f"u8 + "ELF"u8))
            throw new LilyVMException($"{fileName} is not an ELF file; give an uncompressed kernel (Linux: vmlinux, not bzImage).");
        if (image.Length < HeaderSize)
            throw Damaged("its header is cut off");
        if (image.Span[4] != 1 || image.Span[5] != 1 || U16(18) != Machine386)
            throw new LilyVMException($"{fileName} is not for 32-bit x86; build the kernel with ARCH=i386.");
        if (U16(16) != Executable)
            throw new LilyVMException($"{fileName} is not an executable but an object or library; link it first.");

        List<ElfSection> sections = Sections();
        return new Elf32(fileName, image, U32(24), Segments(), sections, Symbols(sections));
    }

    /// <summary>Splits a block of notes. Sizes are rounded up to 4 on i386, whatever p_align says.</summary>
    internal static List<ElfNote> ReadNotes(ReadOnlyMemory<byte> block, string fileName)
    {
        var notes = new List<ElfNote>();
        ulong at = 0, end = (ulong)block.Length;
        while (at < end)
        {
            if (end - at < 12)
                throw new LilyVMException($"{fileName} is damaged: a note is cut off; build it again.");
            ReadOnlySpan<byte> header = block.Span.Slice((int)at, 12);
            uint nameSize = BinaryPrimitives.ReadUInt32LittleEndian(header);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            ulong name = at + 12, descriptor = name + RoundUp(nameSize);
            if (descriptor + size > end)
                throw new LilyVMException($"{fileName} is damaged: a note is longer than its section; build it again.");
            string owner = Encoding.Latin1.GetString(block.Span.Slice((int)name, (int)nameSize)).TrimEnd('\0');
            notes.Add(new ElfNote(owner, BinaryPrimitives.ReadUInt32LittleEndian(header[8..]), block.Slice((int)descriptor, (int)size)));
            at = descriptor + RoundUp(size);
        }
        return notes;
    }

    private static ulong RoundUp(uint size) => ((ulong)size + 3) & ~3UL;

    private List<ElfSegment> Segments()
    {
        int count = U16(44), table = Table("program headers", U32(28), count, U16(42), ProgramHeaderSize);
        var segments = new List<ElfSegment>(count);
        for (int at = table; segments.Count < count; at += ProgramHeaderSize)
        {
            var segment = new ElfSegment(U32(at), U32(at + 4), U32(at + 8), U32(at + 12), U32(at + 16), U32(at + 20), U32(at + 24));
            Require(segment.Offset, segment.FileSize, "a segment");
            if (segment.Type == Elf32.LoadSegment && segment.FileSize > segment.MemorySize)
                throw Damaged("a segment is larger in the file than in memory");
            if (segment.Type == Elf32.LoadSegment && Wraps(segment.VirtualAddress, segment.MemorySize) | Wraps(segment.PhysicalAddress, segment.MemorySize))
                throw Damaged("a segment reaches beyond 4 GiB");
            segments.Add(segment);
        }
        return segments;
    }

    private List<ElfSection> Sections()
    {
        int count = U16(48), names = U16(50), table = Table("section headers", U32(32), count, U16(46), SectionHeaderSize);
        var sections = new List<ElfSection>(count);
        if (count == 0)
            return sections;
        if (names >= count)
            throw Damaged("the section that holds the section names does not exist");
        ReadOnlySpan<byte> nameTable = Block(U32(table + names * SectionHeaderSize + 16), U32(table + names * SectionHeaderSize + 20), "the section names");
        for (int at = table; sections.Count < count; at += SectionHeaderSize)
        {
            var section = new ElfSection(Name(nameTable, U32(at)), U32(at + 4), U32(at + 8), U32(at + 12), U32(at + 16), U32(at + 20), U32(at + 24), U32(at + 36));
            if (section.HasBytes)
                Require(section.Offset, section.Size, $"section {section.Name}");
            sections.Add(section);
        }
        return sections;
    }

    private List<ElfSymbol> Symbols(List<ElfSection> sections)
    {
        var symbols = new List<ElfSymbol>();
        foreach (ElfSection table in sections.Where(s => s.Type == Elf32.SymbolTable))
        {
            if (table.EntrySize != SymbolSize || table.Size % SymbolSize != 0)
                throw Damaged("the symbol table's entries have the wrong size");
            if (table.Link >= sections.Count || !sections[(int)table.Link].HasBytes)
                throw Damaged("the symbol table has no names");
            ReadOnlySpan<byte> names = Block(sections[(int)table.Link].Offset, sections[(int)table.Link].Size, "the symbol names");
            for (int at = (int)table.Offset; at < table.Offset + table.Size; at += SymbolSize)
                symbols.Add(new ElfSymbol(Name(names, U32(at)), U32(at + 4), U32(at + 8), (byte)(image.Span[at + 12] & 0xF), U16(at + 14)));
        }
        return symbols;
    }

    private string Name(ReadOnlySpan<byte> table, uint offset)
    {
        if (offset >= table.Length)
            return offset == 0 ? "" : throw Damaged("a name lies outside its table");
        ReadOnlySpan<byte> rest = table[(int)offset..];
        int end = rest.IndexOf((byte)0);
        return end >= 0 ? Encoding.Latin1.GetString(rest[..end]) : throw Damaged("a name does not end");
    }

    private int Table(string what, uint offset, int count, int entrySize, int expected)
    {
        if (count == 0)
            return 0;
        if (entrySize != expected)
            throw Damaged($"the {what} have the wrong size");
        Require(offset, (uint)(count * expected), $"the table of {what}");
        return (int)offset;
    }

    private ReadOnlySpan<byte> Block(uint offset, uint size, string what)
    {
        Require(offset, size, what);
        return image.Span.Slice((int)offset, (int)size);
    }

    private void Require(uint offset, uint size, string what)
    {
        if ((ulong)offset + size > (ulong)image.Length)
            throw Damaged($"{what} reaches beyond the end of the file");
    }

    private static bool Wraps(uint address, uint size) => (ulong)address + size > 0x1_0000_0000;

    private LilyVMException Damaged(string how) => new($"{fileName} is damaged: {how}; build it again.");

    private ushort U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image.Span[offset..]);

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(image.Span[offset..]);
}
