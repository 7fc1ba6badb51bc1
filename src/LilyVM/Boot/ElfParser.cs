using System.Buffers.Binary;
using System.Text;

namespace LilyVM.Boot;

/// <summary>Reads the tables of an <see cref="Elf"/>. Layouts: <see cref="ElfFormat"/>.</summary>
internal sealed class ElfParser
{
    private const ushort Executable = 2, Machine386 = 3, MachineX64 = 62;
    private const byte LittleEndian = 1, Class32 = 1, Class64 = 2;

    private readonly ReadOnlyMemory<byte> image;
    private readonly string fileName;
    private readonly ElfFormat format;
    private readonly GuestArchitecture architecture;

    internal ElfParser(ReadOnlyMemory<byte> image, string fileName)
    {
        this.image = image;
        this.fileName = fileName;
        if (image.Length < 4 || !image.Span[..4].SequenceEqual("\x7f"u8 + "ELF"u8))
            throw new LilyVMException($"{fileName} is not an ELF file; give an uncompressed kernel (Linux: vmlinux, not bzImage).");
        if (image.Length < ElfFormat.Wide32.HeaderSize)
            throw Damaged("its header is cut off");
        (format, architecture) = (image.Span[4], image.Span[5], U16(18)) switch
        {
            (Class32, LittleEndian, Machine386) => (ElfFormat.Wide32, GuestArchitecture.Ia32),
            (Class64, LittleEndian, MachineX64) => (ElfFormat.Wide64, GuestArchitecture.X64),
            _ => throw new LilyVMException($"{fileName} is not for x86; build the kernel with ARCH=i386 or ARCH=x86_64."),
        };
        if (image.Length < format.HeaderSize)
            throw Damaged("its header is cut off");
        if (U16(16) != Executable)
            throw new LilyVMException($"{fileName} is not an executable but an object or library; link it first.");
    }

    internal Elf Parse()
    {
        List<ElfSection> sections = Sections();
        RequireNames(sections);
        return new Elf(fileName, image, architecture, Address(24), Segments(), sections, () => Symbols(sections));
    }

    /// <summary>Splits a block of notes, whose sizes are rounded up to <paramref name="alignment"/>.</summary>
    internal static List<ElfNote> ReadNotes(ReadOnlyMemory<byte> block, uint alignment, string fileName)
    {
        ulong RoundUp(uint size) => ((ulong)size + alignment - 1) & ~(ulong)(alignment - 1);
        var notes = new List<ElfNote>();
        ulong at = 0, end = (ulong)block.Length;
        while (at < end)
        {
            if (end - at < 12)
                throw new LilyVMException($"{fileName} is damaged: a note is cut off; build it again.");
            ReadOnlySpan<byte> header = block.Span.Slice((int)at, 12);
            uint nameSize = BinaryPrimitives.ReadUInt32LittleEndian(header);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            ulong name = at + 12, descriptor = at + RoundUp(12 + Math.Min(nameSize, int.MaxValue));
            if (descriptor + size > end)
                throw new LilyVMException($"{fileName} is damaged: a note is longer than its section; build it again.");
            string owner = Encoding.Latin1.GetString(block.Span.Slice((int)name, (int)nameSize)).TrimEnd('\0');
            notes.Add(new ElfNote(owner, BinaryPrimitives.ReadUInt32LittleEndian(header[8..]), block.Slice((int)descriptor, (int)size)));
            at = descriptor + RoundUp(size);
        }
        return notes;
    }

    private List<ElfSegment> Segments()
    {
        ElfFormat.SegmentFields f = format.Segment;
        int count = U16(format.Counts + 2),
            table = Table("program headers", Address(format.ProgramTable), count, U16(format.Counts), format.ProgramHeaderSize);
        var segments = new List<ElfSegment>(count);
        for (int at = table; segments.Count < count; at += format.ProgramHeaderSize)
        {
            var segment = new ElfSegment(
                U32(at), Address(at + f.Offset), Address(at + f.VirtualAddress), Address(at + f.PhysicalAddress), Address(at + f.FileSize),
                Address(at + f.MemorySize),
                U32(at + f.Flags), Address(at + f.Alignment));
            Require(segment.Offset, segment.FileSize, "a segment");
            if (segment.Type == Elf.LoadSegment && segment.FileSize > segment.MemorySize)
                throw Damaged("a segment is larger in the file than in memory");
            if (segment.Type == Elf.LoadSegment
                && Wraps(segment.VirtualAddress, segment.MemorySize) | Wraps(segment.PhysicalAddress, segment.MemorySize))
                throw Damaged(architecture.Bits == 32
                    ? "a segment reaches beyond 4 GiB"
                    : "a segment reaches beyond the end of the address space");
            segments.Add(segment);
        }
        return segments;
    }

    private List<ElfSection> Sections()
    {
        ElfFormat.SectionFields f = format.Section;
        int count = U16(format.Counts + 6), names = U16(format.Counts + 8);
        int table = Table("section headers", Address(format.SectionTable), count, U16(format.Counts + 4), format.SectionHeaderSize);
        var sections = new List<ElfSection>(count);
        if (count == 0)
            return sections;
        if (names >= count)
            throw Damaged("the section that holds the section names does not exist");
        int nameHeader = table + names * format.SectionHeaderSize;
        ReadOnlySpan<byte> nameTable = Block(Address(nameHeader + f.Offset), Address(nameHeader + f.Size), "the section names");
        for (int at = table; sections.Count < count; at += format.SectionHeaderSize)
        {
            var section = new ElfSection(
                Name(nameTable, U32(at)), U32(at + 4), Address(at + f.Flags), Address(at + f.Address), Address(at + f.Offset),
                Address(at + f.Size), U32(at + f.Link),
                Address(at + f.Alignment), Address(at + f.EntrySize));
            if (section.HasBytes)
                Require(section.Offset, section.Size, $"section {section.Name}");
            if (section.HasBytes && Wraps(section.Address, section.Size))
                throw Damaged($"section {section.Name} reaches beyond the end of the address space");
            sections.Add(section);
        }
        return sections;
    }

    // What is wrong with the symbols is told at once, though few want them.
    private void RequireNames(List<ElfSection> sections)
    {
        foreach (ElfSection table in sections.Where(s => s.Type == Elf.SymbolTable))
        {
            if (table.EntrySize != (ulong)format.SymbolSize || table.Size % (ulong)format.SymbolSize != 0)
                throw Damaged("the symbol table's entries have the wrong size");
            if (table.Link >= sections.Count || !sections[(int)table.Link].HasBytes)
                throw Damaged("the symbol table has no names");
            ReadOnlySpan<byte> names = Names(sections, table);
            int lastEnd = names.LastIndexOf((byte)0);
            for (int at = (int)table.Offset; at < (int)(table.Offset + table.Size); at += format.SymbolSize)
            {
                if (U32(at) > lastEnd)
                    _ = Name(names, U32(at)); // says what is wrong
            }
        }
    }

    private ReadOnlySpan<byte> Names(List<ElfSection> sections, ElfSection table) =>
        Block(sections[(int)table.Link].Offset, sections[(int)table.Link].Size, "the symbol names");

    private List<ElfSymbol> Symbols(List<ElfSection> sections)
    {
        ElfFormat.SymbolFields f = format.Symbol;
        var symbols = new List<ElfSymbol>();
        foreach (ElfSection table in sections.Where(s => s.Type == Elf.SymbolTable))
        {
            ReadOnlySpan<byte> names = Names(sections, table);
            for (int at = (int)table.Offset; at < (int)(table.Offset + table.Size); at += format.SymbolSize)
            {
                byte type = (byte)(image.Span[at + f.Info] & 0xF);
                symbols.Add(new ElfSymbol(Name(names, U32(at)), Address(at + f.Value), Address(at + f.Size), type, U16(at + f.Section)));
            }
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

    private int Table(string what, ulong offset, int count, int entrySize, int expected)
    {
        if (count == 0)
            return 0;
        if (entrySize != expected)
            throw Damaged($"the {what} have the wrong size");
        Require(offset, (ulong)(count * expected), $"the table of {what}");
        return (int)offset;
    }

    private ReadOnlySpan<byte> Block(ulong offset, ulong size, string what)
    {
        Require(offset, size, what);
        return image.Span.Slice((int)offset, (int)size);
    }

    private void Require(ulong offset, ulong size, string what)
    {
        ulong length = (ulong)image.Length;
        if (offset > length || size > length - offset)
            throw Damaged($"{what} reaches beyond the end of the file");
    }

    private bool Wraps(ulong address, ulong size)
    {
        ulong end = architecture.Bits == 32 ? 1UL << 32 : ulong.MaxValue; // one less than there is, so that ends can be computed
        return address > end || size > end - address;
    }

    private LilyVMException Damaged(string how) => new($"{fileName} is damaged: {how}; build it again.");

    private ushort U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image.Span[offset..]);

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(image.Span[offset..]);

    // A field as wide as an address, as sizes and offsets are too.
    private ulong Address(int offset) =>
        format.AddressSize == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(image.Span[offset..]) : U32(offset);
}
