namespace LilyVM.Abi;

/// <summary>
/// The jump table of one architecture: every routine that a converted kernel may call. The order is the ABI: entries are only ever added
/// at the end, anything else raises the ABI version.
/// </summary>
public sealed class EntryTable
{
    private readonly List<LibraryEntry> entries = [];
    private readonly Dictionary<string, LibraryEntry> byName = new(StringComparer.Ordinal);
    private readonly uint address;
    private readonly uint entrySize;

    /// <summary>Creates an empty table.</summary>
    /// <param name="address">Guest virtual address of entry 0.</param>
    /// <param name="entrySize">Bytes from one entry to the next.</param>
    internal EntryTable(uint address, uint entrySize) => (this.address, this.entrySize) = (address, entrySize);

    /// <summary>All entries in table order.</summary>
    public IReadOnlyList<LibraryEntry> All => entries;

    /// <summary>Finds an entry by its name without prefix.</summary>
    public bool TryGet(string name, out LibraryEntry entry) => byName.TryGetValue(name, out entry!);

    /// <summary>The entry whose table slot lies at <paramref name="place"/>, or null.</summary>
    public LibraryEntry? At(ulong place)
    {
        if (place < address || (place - address) % entrySize != 0)
            return null;
        ulong index = (place - address) / entrySize;
        return index < (ulong)entries.Count ? entries[(int)index] : null;
    }

    /// <summary>Adds an entry; the table gives it its place.</summary>
    internal void Add(LibraryEntry entry)
    {
        LibraryEntry placed = entry with { Index = entries.Count, Address = address + (uint)entries.Count * entrySize };
        entries.Add(placed);
        byName.Add(placed.Name, placed);
    }
}
