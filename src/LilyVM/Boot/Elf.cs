namespace LilyVM.Boot;

/// <summary>
/// An executable for i386 or x86-64, as the System V gABI and the psABIs define it: just what a loader and an audit need. Every offset and
/// size is checked against the file, because guests come from outside; what is wrong is a <see cref="LilyVMException"/>.
/// </summary>
public sealed class Elf
{
    /// <summary>PT_LOAD.</summary>
    public const uint LoadSegment = 1;

    /// <summary>PT_NOTE.</summary>
    public const uint NoteSegment = 4;

    /// <summary>SHT_SYMTAB.</summary>
    public const uint SymbolTable = 2;

    /// <summary>SHT_NOTE.</summary>
    public const uint NoteSection = 7;

    private readonly Lazy<IReadOnlyList<ElfSymbol>> symbols; // a kernel has tens of thousands, and who boots it wants none

    internal Elf(string fileName, ReadOnlyMemory<byte> image, GuestArchitecture architecture, ulong entry,
        IReadOnlyList<ElfSegment> segments,
        IReadOnlyList<ElfSection> sections, Func<IReadOnlyList<ElfSymbol>> symbols)
    {
        FileName = fileName;
        Image = image;
        Architecture = architecture;
        Entry = entry;
        Segments = segments;
        Sections = sections;
        this.symbols = new Lazy<IReadOnlyList<ElfSymbol>>(symbols);
    }

    /// <summary>Name for error messages.</summary>
    public string FileName { get; }

    /// <summary>The whole file.</summary>
    public ReadOnlyMemory<byte> Image { get; }

    /// <summary>What the file's format says. A 32-bit file may hold 64-bit code, see <see cref="ConversionNotes.Architecture"/>.</summary>
    public GuestArchitecture Architecture { get; }

    /// <summary>Entry point (Linux: a physical address, because its first code does not run where it was linked).</summary>
    public ulong Entry { get; }

    /// <summary>Program headers in file order.</summary>
    public IReadOnlyList<ElfSegment> Segments { get; }

    /// <summary>Section headers in file order; empty if the file was stripped of them.</summary>
    public IReadOnlyList<ElfSection> Sections { get; }

    /// <summary>Symbols in file order; empty if the file was stripped of them.</summary>
    public IReadOnlyList<ElfSymbol> Symbols => symbols.Value;

    /// <summary>Whether it has a multiboot header.</summary>
    /// <exception cref="LilyVMException">That header makes no sense, or asks for what a guest cannot have.</exception>
    public bool IsMultiboot => MultibootHeader.Find(this) is not null;

    /// <summary>The segments to load.</summary>
    public IEnumerable<ElfSegment> LoadSegments => Segments.Where(s => s.Type == LoadSegment && s.MemorySize > 0);

    /// <summary>Reads an executable from memory; <paramref name="fileName"/> serves error messages.</summary>
    public static Elf Parse(ReadOnlyMemory<byte> image, string fileName) => new ElfParser(image, fileName).Parse();

    /// <summary>Reads an executable from a file.</summary>
    public static Elf Load(string path) => Parse(UserFile.Read(path), path);

    /// <summary>The bytes of a section; empty if the file holds none.</summary>
    public ReadOnlyMemory<byte> Bytes(ElfSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return section.HasBytes ? Image.Slice((int)section.Offset, (int)section.Size) : default;
    }

    /// <summary>The bytes of a segment that come from the file.</summary>
    public ReadOnlyMemory<byte> Bytes(ElfSegment segment) => Image.Slice((int)segment.Offset, (int)segment.FileSize);

    /// <summary>
    /// Where in the file the <paramref name="length"/> bytes lie that are loaded at a virtual address; null if not all come from the file.
    /// </summary>
    public int? FileOffset(ulong virtualAddress, int length)
    {
        foreach (ElfSegment segment in LoadSegments)
        {
            ulong start = virtualAddress - segment.VirtualAddress;
            if (virtualAddress >= segment.VirtualAddress && start < segment.FileSize && (ulong)length <= segment.FileSize - start)
                return (int)(segment.Offset + start);
        }
        return null;
    }

    /// <summary>
    /// All notes. Segments and sections may describe the same ones (in a linked Linux both cover <c>.notes</c>), so segments count only
    /// where no section tells more.
    /// </summary>
    public IEnumerable<ElfNote> Notes()
    {
        List<ElfSection> sections = [.. Sections.Where(s => s.Type == NoteSection)];
        var places = sections.Select(s => (s.Offset, s.Size, s.Alignment)).Concat(
            Segments.Where(s => s.Type == NoteSegment && !sections.Any(n => n.Offset >= s.Offset && n.Offset - s.Offset < s.FileSize))
                .Select(s => (s.Offset, Size: s.FileSize, s.Alignment)));
        return places.Distinct().SelectMany(p => ElfParser.ReadNotes(Image.Slice((int)p.Offset, (int)p.Size), NoteAlignment(p.Alignment),
            FileName));
    }

    // Always 4 on i386, whatever the headers say; 4 or 8 on x86-64 (its psABI: .note.gnu.property has 8).
    private uint NoteAlignment(ulong alignment) => Architecture.Bits == 64 && alignment == 8 ? 8u : 4;
}
