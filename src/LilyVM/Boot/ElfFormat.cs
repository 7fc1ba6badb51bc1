namespace LilyVM.Boot;

/// <summary>
/// Where things lie in a 32-bit or 64-bit file: offsets in its header, and in one entry of each table. System V gABI, chapters 4 and 5;
/// ELF-64 Object File Format, version 1.5.
/// </summary>
internal sealed record ElfFormat
{
    /// <summary>ELFCLASS32.</summary>
    internal static ElfFormat Wide32 { get; } = new()
    {
        AddressSize = 4,
        HeaderSize = 52,
        ProgramTable = 28,
        SectionTable = 32,
        Counts = 42,
        ProgramHeaderSize = 32,
        Segment = new(Offset: 4, VirtualAddress: 8, PhysicalAddress: 12, FileSize: 16, MemorySize: 20, Flags: 24, Alignment: 28),
        SectionHeaderSize = 40,
        Section = new(Flags: 8, Address: 12, Offset: 16, Size: 20, Link: 24, Alignment: 32, EntrySize: 36),
        SymbolSize = 16,
        Symbol = new(Value: 4, Size: 8, Info: 12, Section: 14),
    };

    /// <summary>ELFCLASS64.</summary>
    internal static ElfFormat Wide64 { get; } = new()
    {
        AddressSize = 8,
        HeaderSize = 64,
        ProgramTable = 32,
        SectionTable = 40,
        Counts = 54,
        ProgramHeaderSize = 56,
        Segment = new(Offset: 8, VirtualAddress: 16, PhysicalAddress: 24, FileSize: 32, MemorySize: 40, Flags: 4, Alignment: 48),
        SectionHeaderSize = 64,
        Section = new(Flags: 8, Address: 16, Offset: 24, Size: 32, Link: 40, Alignment: 48, EntrySize: 56),
        SymbolSize = 24,
        Symbol = new(Value: 8, Size: 16, Info: 4, Section: 6),
    };

    internal required int AddressSize { get; init; }

    internal required int HeaderSize { get; init; }

    internal required int ProgramTable { get; init; }

    internal required int SectionTable { get; init; }

    /// <summary>Five halves: size and number of program headers, size and number of section headers, index of the section names.</summary>
    internal required int Counts { get; init; }

    internal required int ProgramHeaderSize { get; init; }

    internal required SegmentFields Segment { get; init; }

    internal required int SectionHeaderSize { get; init; }

    internal required SectionFields Section { get; init; }

    internal required int SymbolSize { get; init; }

    internal required SymbolFields Symbol { get; init; }

    /// <summary>A program header; its type lies at 0.</summary>
    internal sealed record SegmentFields(int Offset, int VirtualAddress, int PhysicalAddress, int FileSize, int MemorySize, int Flags,
        int Alignment);

    /// <summary>A section header; name and type lie at 0 and 4.</summary>
    internal sealed record SectionFields(int Flags, int Address, int Offset, int Size, int Link, int Alignment, int EntrySize);

    /// <summary>A symbol; its name lies at 0.</summary>
    internal sealed record SymbolFields(int Value, int Size, int Info, int Section);
}
