namespace LilyVM.Boot;

/// <summary>A program header: a piece of the file and where it goes in memory.</summary>
/// <param name="Type">PT_* (System V gABI, chapter 5); see <see cref="Elf.LoadSegment"/> and <see cref="Elf.NoteSegment"/>.</param>
/// <param name="Offset">First byte in the file.</param>
/// <param name="VirtualAddress">Guest virtual address.</param>
/// <param name="PhysicalAddress">Guest physical address.</param>
/// <param name="FileSize">Bytes that come from the file.</param>
/// <param name="MemorySize">Bytes in memory; those after the file's are zero.</param>
/// <param name="Flags">PF_* bits.</param>
/// <param name="Alignment">A power of two, or 0.</param>
public readonly record struct ElfSegment(
    uint Type, ulong Offset, ulong VirtualAddress, ulong PhysicalAddress, ulong FileSize, ulong MemorySize, uint Flags, ulong Alignment);

/// <summary>A section header.</summary>
/// <param name="Name">Name from the section name table.</param>
/// <param name="Type">SHT_* (System V gABI, chapter 4).</param>
/// <param name="Flags">SHF_* bits.</param>
/// <param name="Address">Guest virtual address, 0 if it is not loaded.</param>
/// <param name="Offset">First byte in the file.</param>
/// <param name="Size">Size in bytes; in the file only unless the type is NOBITS.</param>
/// <param name="Link">Index of a related section: for a symbol table its names.</param>
/// <param name="Alignment">A power of two, or 0.</param>
/// <param name="EntrySize">Size of one entry of a table.</param>
public sealed record ElfSection(string Name, uint Type, ulong Flags, ulong Address, ulong Offset, ulong Size, uint Link, ulong Alignment,
    ulong EntrySize)
{
    private const uint NoBits = 8, Alloc = 2, Execute = 4;

    /// <summary>Whether the file holds the section's bytes (a .bss has none).</summary>
    public bool HasBytes => Type is not (0 or NoBits);

    /// <summary>Whether the section is loaded and holds instructions.</summary>
    public bool IsExecutable => HasBytes && (Flags & (Alloc | Execute)) == (Alloc | Execute);
}

/// <summary>A symbol.</summary>
/// <param name="Name">Name; empty for a section's own symbol.</param>
/// <param name="Address">Value, in an executable a guest virtual address.</param>
/// <param name="Size">Size in bytes, 0 if unknown (assembly labels).</param>
/// <param name="Type">STT_* (1 object, 2 function, 3 section, 4 file).</param>
/// <param name="Section">Index of its section, or a special SHN_* number.</param>
public readonly record struct ElfSymbol(string Name, ulong Address, ulong Size, byte Type, ushort Section);

/// <summary>A note (System V gABI, chapter 5).</summary>
/// <param name="Owner">Owner without the terminating zero.</param>
/// <param name="Type">Meaning depends on the owner.</param>
/// <param name="Descriptor">The note's bytes.</param>
public readonly record struct ElfNote(string Owner, uint Type, ReadOnlyMemory<byte> Descriptor);
