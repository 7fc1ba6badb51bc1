using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>What a page of the pool is used for.</summary>
internal enum TableKind : byte
{
    /// <summary>Nothing.</summary>
    Free,

    /// <summary>It is always there: the pool's first pages.</summary>
    Fixed,

    /// <summary>512 entries of a page directory: 1 GiB of one address space.</summary>
    Directory,

    /// <summary>Half of a guest page table: 2 MiB.</summary>
    Table,

    /// <summary>Half of a 4 MiB page of the guest.</summary>
    Large,

    /// <summary>2 MiB of guest physical memory, for a guest that does not page.</summary>
    Direct,
}

/// <summary>
/// What is known about a page of the pool. Which entries are in use is kept as bits, so that comparing a table costs what it holds.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ShadowTable
{
    /// <summary>Words of <see cref="Used"/>.</summary>
    public const int Words = 8;

    /// <summary>Size of all of it in units of 8 bytes.</summary>
    public const int Size = 10;

    /// <summary>Number of the guest's page: the page table, or the first one of the large page.</summary>
    public uint Page;

    /// <summary>Directory entries that lead here.</summary>
    public ushort Parents;

    /// <summary>In the list of free pages: the next one.</summary>
    public ushort Next;

    /// <summary>What for.</summary>
    public TableKind Kind;

    /// <summary>Which half of the guest's 4 MiB.</summary>
    public byte Half;

    /// <summary>Rights of the guest's directory entry (PageWalk.Writable and User), which the entries here include.</summary>
    public byte Rights;

    /// <summary>Not zero if an entry here is the guest's to keep at a load of CR3.</summary>
    public byte HasGlobal;

    /// <summary>
    /// What a guest's directory entry must be to lead here, as far as <see cref="ShadowMmu.LinkMask"/> goes; 0 if none does.
    /// </summary>
    public uint Pde;

    /// <summary>Entries in use, one bit each.</summary>
    public fixed ulong Used[Words];
}

/// <summary>A guest's address space as of its CR3.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ShadowRoot
{
    /// <summary>In <see cref="Page"/>: nothing; and the address space without paging.</summary>
    public const uint Unused = 0xFFFF_FFFF, Unpaged = 0xFFFF_FFFE;

    /// <summary>Number of the guest's page directory.</summary>
    public uint Page;

    /// <summary>When it was last entered.</summary>
    public uint LastUse;

    /// <summary>Pages of the pool: the directories of the four GiB, 0 if there is none yet.</summary>
    public fixed ushort Directories[4];
}

/// <summary>What is known about a page of guest RAM; <see cref="Shared.Kernel.KernelLayout.NoteSize"/> bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PageNote
{
    /// <summary>
    /// In <see cref="Flags"/>: the guest may write it although it is a page table; more entries map it writable than are noted.
    /// </summary>
    public const ushort Unsynced = 1, ManyWriters = 2;

    /// <summary>
    /// Entries that map the page writable: number in the pool * 512 + index in the table; 0 for none. Such an entry may be something else
    /// by now, which its frame tells.
    /// </summary>
    public uint Writer0, Writer1;

    /// <summary>Pages of the pool that shadow it as a page table: its halves.</summary>
    public fixed ushort Tables[2];

    /// <summary>Pages of the pool that shadow the large page that starts here.</summary>
    public fixed ushort Large[2];

    /// <summary>One more than the root whose page directory it is.</summary>
    public ushort Root;

    /// <summary>See above.</summary>
    public ushort Flags;

    /// <summary>Up to the size of a note.</summary>
    public uint Reserved0, Reserved1, Reserved2;
}
