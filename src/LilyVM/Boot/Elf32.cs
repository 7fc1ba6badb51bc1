namespace LilyVM.Boot;

/// <summary>
/// A 32-bit little-endian i386 executable, as the System V gABI and the i386 psABI define it: just what a loader and an audit need. Every
/// offset and size is checked against the file, because guests come from outside; what is wrong is a <see cref="LilyVMException"/>.
/// </summary>
public sealed class Elf32
{
    /// <summary>PT_LOAD.</summary>
    public const uint LoadSegment = 1;

    /// <summary>PT_NOTE.</summary>
    public const uint NoteSegment = 4;

    /// <summary>SHT_SYMTAB.</summary>
    public const uint SymbolTable = 2;

    /// <summary>SHT_NOTE.</summary>
    public const uint NoteSection = 7;

    internal Elf32(string fileName, ReadOnlyMemory<byte> image, uint entry, IReadOnlyList<ElfSegment> segments, IReadOnlyList<ElfSection> sections,
        IReadOnlyList<ElfSymbol> symbols)
    {
        FileName = fileName;
        Image = image;
        Entry = entry;
        Segments = segments;
        Sections = sections;
        Symbols = symbols;
    }

    /// <summary>Name for error messages.</summary>
    public string FileName { get; }

    /// <summary>The whole file.</summary>
    public ReadOnlyMemory<byte> Image { get; }

    /// <summary>Entry point (Linux: a physical address, because its first code runs unpaged).</summary>
    public uint Entry { get; }

    /// <summary>Program headers in file order.</summary>
    public IReadOnlyList<ElfSegment> Segments { get; }

    /// <summary>Section headers in file order; empty if the file was stripped of them.</summary>
    public IReadOnlyList<ElfSection> Sections { get; }

    /// <summary>Symbols in file order; empty if the file was stripped of them.</summary>
    public IReadOnlyList<ElfSymbol> Symbols { get; }

    /// <summary>Whether it has a multiboot header.</summary>
    /// <exception cref="LilyVMException">That header makes no sense, or asks for what a guest cannot have.</exception>
    public bool IsMultiboot => MultibootHeader.Find(this) is not null;

    /// <summary>The segments to load.</summary>
    public IEnumerable<ElfSegment> LoadSegments => Segments.Where(s => s.Type == LoadSegment && s.MemorySize > 0);

    /// <summary>Reads an executable from memory; <paramref name="fileName"/> serves error messages.</summary>
    public static Elf32 Parse(ReadOnlyMemory<byte> image, string fileName) => new Elf32Parser(image, fileName).Parse();

    /// <summary>Reads an executable from a file.</summary>
    public static Elf32 Load(string path) => Parse(UserFile.Read(path), path);

    /// <summary>The bytes of a section; empty if the file holds none.</summary>
    public ReadOnlyMemory<byte> Bytes(ElfSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return section.HasBytes ? Image.Slice((int)section.Offset, (int)section.Size) : default;
    }

    /// <summary>The bytes of a segment that come from the file.</summary>
    public ReadOnlyMemory<byte> Bytes(ElfSegment segment) => Image.Slice((int)segment.Offset, (int)segment.FileSize);

    /// <summary>Where in the file the <paramref name="length"/> bytes lie that are loaded at a virtual address; null if not all come from the file.</summary>
    public int? FileOffset(uint virtualAddress, int length)
    {
        foreach (ElfSegment segment in LoadSegments)
        {
            ulong start = virtualAddress - (ulong)segment.VirtualAddress;
            if (virtualAddress >= segment.VirtualAddress && start + (ulong)length <= segment.FileSize)
                return (int)(segment.Offset + start);
        }
        return null;
    }

    /// <summary>
    /// All notes. Segments and sections may describe the same ones (in a linked Linux both cover <c>.notes</c>), so each place in the file is
    /// read once.
    /// </summary>
    public IEnumerable<ElfNote> Notes()
    {
        var places = Segments.Where(s => s.Type == NoteSegment).Select(s => (Start: s.Offset, Size: s.FileSize)).Distinct().ToList();
        foreach (ElfSection section in Sections.Where(s => s.Type == NoteSection))
        {
            bool known = places.Any(p => section.Offset >= p.Start && (ulong)section.Offset + section.Size <= (ulong)p.Start + p.Size);
            if (!known)
                places.Add((section.Offset, section.Size));
        }
        return places.SelectMany(p => Elf32Parser.ReadNotes(Image.Slice((int)p.Start, (int)p.Size), FileName));
    }
}
