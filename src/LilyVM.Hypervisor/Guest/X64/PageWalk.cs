namespace LilyVM.Hypervisor.Guest;

/// <summary>What the guest's page tables say of an address.</summary>
internal unsafe struct Translation
{
    /// <summary>Guest physical address of the byte; perhaps not of RAM.</summary>
    public ulong Gpa;

    /// <summary>The entry that holds the page, and where it lies in guest RAM.</summary>
    public ulong Entry;

    /// <summary>See <see cref="Entry"/>; null without paging.</summary>
    public ulong* Place;

    /// <summary>Address bits within the page: 12, 21 or 30.</summary>
    public int Shift;

    /// <summary>A page of 2 MiB or 1 GiB.</summary>
    public readonly bool Large => Shift != PageWalk.PageShift;

    /// <summary>Rights of all levels together.</summary>
    public bool Writable, User, Executable;

    /// <summary>Of the entry that holds the page.</summary>
    public bool Dirty, Global;
}

/// <summary>
/// The walk through the guest's page tables: 4-level paging with pages of 4 KiB, 2 MiB and 1 GiB (SDM vol. 3, 4.5). A guest of x86-64
/// always pages. Safe: each table is checked to lie in RAM.
/// </summary>
internal static unsafe class PageWalk
{
    /// <summary>Bits of an entry (SDM vol. 3, tables 4-15 to 4-20); <see cref="Large"/> not in a table of 4 KiB pages.</summary>
    public const uint Present = 1, Writable = 2, User = 4, Accessed = 0x20, Dirty = 0x40, Large = 0x80, Global = 0x100;

    /// <summary>XD: no instruction may be fetched.</summary>
    public const ulong NoExecute = 1ul << 63;

    /// <summary>The bits of an entry that name a page or a table.</summary>
    public const ulong Frame = 0x000F_FFFF_FFFF_F000;

    /// <summary>The bits of an address that name a page of the largest size.</summary>
    public const ulong LargeFrame = ~((1ul << LargeShift) - 1);

    /// <summary>
    /// Address bits below a page of the smallest size, of 2 MiB, and of the largest size; and below what a root entry covers.
    /// </summary>
    public const int PageShift = 12, RegionShift = 21, LargeShift = 30, RootShift = 39;

    // Reserved in entries of pages: physical address bits beyond 52 and, below a large page's own bits, 13 to 20 or 29 (bit 12 is PAT).
    private const ulong LargeReserved = 0x1F_E000, HugeReserved = 0x3FFF_E000;

    /// <summary>Translates an address for an access and sets the accessed and dirty bits as the CPU would.</summary>
    public static bool Walk(Vcpu* cpu, ulong gva, uint access, Translation* result)
    {
        ulong table = cpu->Cr3 & Frame, rights = ~0ul;
        if (!Addresses.AreCanonical(gva))
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, 0);
        for (int shift = RootShift; ; shift -= 9)
        {
            ulong* entry = EntryOf(cpu, table, gva, shift);
            if (entry == null || (*entry & Present) == 0)
                return Refuse(cpu, gva, access, 0);
            ulong word = *entry;
            if ((word & NoExecute) != 0 && (cpu->Efer & ExtendedFeatures.NoExecute) == 0)
                return Refuse(cpu, gva, access, AccessFlags.Protection | AccessFlags.Reserved);
            rights &= word ^ NoExecute; // the bit as a right to execute
            bool isPage = shift == PageShift || (shift <= LargeShift && (word & Large) != 0);
            if (!isPage)
            {
                if (shift == RootShift && (word & Large) != 0)
                    return Refuse(cpu, gva, access, AccessFlags.Protection | AccessFlags.Reserved);
                Mark(entry, word | Accessed);
                table = word & Frame;
                continue;
            }
            if ((shift == RegionShift && (word & LargeReserved) != 0) || (shift == LargeShift && (word & HugeReserved) != 0))
                return Refuse(cpu, gva, access, AccessFlags.Protection | AccessFlags.Reserved);
            if (!Allows(cpu, rights, access))
                return Refuse(cpu, gva, access, AccessFlags.Protection);
            word |= Accessed | ((access & AccessFlags.Write) != 0 ? Dirty : 0);
            Mark(entry, word);
            Fill(cpu, gva, entry, shift, rights, result);
            return true;
        }
    }

    /// <summary>
    /// The entry that decides on the 2 MiB around an address: that of a table of 4 KiB pages, or of a larger page. 0 if there is none;
    /// marks nothing.
    /// </summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="gva">Any address.</param>
    /// <param name="rights">
    /// <see cref="Writable"/>, <see cref="User"/>, <see cref="Accessed"/> and <see cref="NoExecute"/>, the last one turned into a right to
    /// execute, of all levels.
    /// </param>
    /// <param name="isPage">Whether the entry is that of a page; its frame is that of the 2 MiB then.</param>
    public static ulong Region(Vcpu* cpu, ulong gva, ulong* rights, bool* isPage)
    {
        ulong table = cpu->Cr3 & Frame;
        *rights = ~0ul;
        *isPage = false;
        for (int shift = RootShift; ; shift -= 9)
        {
            ulong* entry = EntryOf(cpu, table, gva, shift);
            if (entry == null || (*entry & Present) == 0)
                return 0;
            ulong word = *entry;
            *rights &= word ^ NoExecute;
            if (shift == RootShift || (shift == LargeShift && (word & Large) == 0))
            {
                table = word & Frame;
                continue;
            }
            *isPage = (word & Large) != 0;
            if (shift == LargeShift)
                return (word & ~HugeReserved) | (gva & ((1ul << LargeShift) - 1) & ~((1ul << RegionShift) - 1));
            return word;
        }
    }

    /// <summary>A page of guest RAM that holds a table; null if it is not RAM.</summary>
    public static ulong* Table(Vcpu* cpu, ulong entry) =>
        PhysicalMemory.IsRam(cpu, entry & Frame) ? (ulong*)(cpu->Ram + (entry & Frame)) : null;

    /// <summary>Notes a page fault, with what the walk found as to <see cref="AccessFlags.Protection"/>; false.</summary>
    public static bool Refuse(Vcpu* cpu, ulong gva, uint access, uint found)
    {
        uint execute = (access & AccessFlags.Fetch) != 0 && (cpu->Efer & ExtendedFeatures.NoExecute) != 0 ? AccessFlags.Fetch : 0;
        cpu->Fault.Vector = Vectors.PageFault;
        cpu->Fault.ErrorCode = (access & (AccessFlags.Write | AccessFlags.User)) | found | execute;
        cpu->Fault.Address = gva;
        return false;
    }

    private static ulong* EntryOf(Vcpu* cpu, ulong table, ulong gva, int shift)
    {
        ulong* entries = Table(cpu, table);
        return entries == null ? null : entries + (gva >> shift & 511);
    }

    private static void Fill(Vcpu* cpu, ulong gva, ulong* entry, int shift, ulong rights, Translation* result)
    {
        ulong inside = (1ul << shift) - 1;
        result->Gpa = (*entry & Frame & ~inside) | (gva & inside);
        result->Entry = *entry;
        result->Place = entry;
        result->Shift = shift;
        result->Writable = (rights & Writable) != 0;
        result->User = (rights & User) != 0;
        result->Executable = (rights & NoExecute) != 0;
        result->Dirty = (*entry & Dirty) != 0;
        result->Global = (*entry & Global) != 0 && (cpu->Cr4 & ControlBits.PageGlobal) != 0;
    }

    // With CR0.WP clear, levels 0 to 2 write everywhere (SDM vol. 3, 4.6.1).
    private static bool Allows(Vcpu* cpu, ulong rights, uint access)
    {
        bool user = (access & AccessFlags.User) != 0;
        if ((user && (rights & User) == 0) || ((access & AccessFlags.Fetch) != 0 && (rights & NoExecute) == 0))
            return false;
        return (access & AccessFlags.Write) == 0 || (rights & Writable) != 0 || (!user && (cpu->Cr0 & ControlBits.WriteProtect) == 0);
    }

    private static void Mark(ulong* entry, ulong word)
    {
        if (*entry != word)
            *entry = word;
    }
}
