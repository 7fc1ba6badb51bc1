namespace LilyVM.Hypervisor.Guest;

/// <summary>What the guest's page tables say of an address.</summary>
internal struct Translation
{
    /// <summary>Guest physical address of the byte; perhaps not of RAM.</summary>
    public uint Gpa;

    /// <summary>The entries on the way; without paging 0. A 4 MiB page has no second one.</summary>
    public uint Pde, Pte;

    /// <summary>A 4 MiB page.</summary>
    public bool Large;

    /// <summary>Rights of both levels together.</summary>
    public bool Writable, User;

    /// <summary>Of the entry that holds the page.</summary>
    public bool Dirty, Global;
}

/// <summary>
/// The walk through the guest's page tables: 32-bit paging with 4 KiB and 4 MiB pages (SDM vol. 3, 4.3). Safe: each table is checked to lie
/// in RAM.
/// </summary>
internal static unsafe class PageWalk
{
    /// <summary>
    /// Bits of an entry of a page directory or page table (SDM vol. 3, tables 4-4 to 4-6); <see cref="Large"/> in a directory only.
    /// </summary>
    public const uint Present = 1, Writable = 2, User = 4, Accessed = 0x20, Dirty = 0x40, Large = 0x80, Global = 0x100;

    /// <summary>The bits of an entry or an address that name a page of 4 KiB or of 4 MiB.</summary>
    public const uint Frame = 0xFFFF_F000, LargeFrame = 0xFFC0_0000;

    /// <summary>Bits of an address within a page of 4 MiB, by their number.</summary>
    public const int LargeShift = 22;

    /// <summary>Translates an address for an access and sets the accessed and dirty bits as the CPU would.</summary>
    public static bool Walk(Vcpu* cpu, uint gva, uint access, Translation* result)
    {
        if ((cpu->Cr0 & ControlBits.Paging) == 0)
        {
            result->Gpa = gva;
            result->Pde = result->Pte = 0;
            result->Large = result->Global = false;
            result->Writable = result->User = result->Dirty = true;
            return true;
        }
        uint* directory = Table(cpu, cpu->Cr3);
        if (directory == null || (directory[gva >> 22] & Present) == 0)
            return Refuse(cpu, gva, access, 0);
        uint* entry = directory + (gva >> 22);
        uint pde = *entry, rights = pde;
        bool large = (pde & Large) != 0 && (cpu->Cr4 & ControlBits.PageSizeExtension) != 0;
        if (!large)
        {
            uint* table = Table(cpu, pde);
            if (table == null)
                return Refuse(cpu, gva, access, 0);
            uint* last = table + (gva >> 12 & 1023);
            if ((*last & Present) == 0)
                return Refuse(cpu, gva, access, 0);
            rights &= *last;
            if (!Allows(cpu, rights, access))
                return Refuse(cpu, gva, access, AccessFlags.Protection);
            Mark(entry, pde | Accessed);
            entry = last;
        }
        else if (!Allows(cpu, rights, access))
        {
            return Refuse(cpu, gva, access, AccessFlags.Protection);
        }
        uint word = *entry | Accessed | ((access & AccessFlags.Write) != 0 ? Dirty : 0);
        Mark(entry, word);
        result->Gpa = large ? (word & LargeFrame) | (gva & ~LargeFrame) : (word & Frame) | (gva & ~Frame);
        result->Pde = large ? word : pde;
        result->Pte = word;
        result->Large = large;
        result->Writable = (rights & Writable) != 0;
        result->User = (rights & User) != 0;
        result->Dirty = (word & Dirty) != 0;
        result->Global = (word & Global) != 0 && (cpu->Cr4 & ControlBits.PageGlobal) != 0;
        return true;
    }

    // With CR0.WP clear, levels 0 to 2 write everywhere (SDM vol. 3, 4.6.1).
    private static bool Allows(Vcpu* cpu, uint rights, uint access)
    {
        bool user = (access & AccessFlags.User) != 0;
        if (user && (rights & User) == 0)
            return false;
        return (access & AccessFlags.Write) == 0 || (rights & Writable) != 0 || (!user && (cpu->Cr0 & ControlBits.WriteProtect) == 0);
    }

    private static uint* Table(Vcpu* cpu, uint entry) => (entry & Frame) < cpu->RamEnd ? (uint*)(cpu->Ram + (entry & Frame)) : null;

    private static void Mark(uint* entry, uint word)
    {
        if (*entry != word)
            *entry = word;
    }

    /// <summary>Notes a page fault, with what the walk found as to <see cref="AccessFlags.Protection"/>; false.</summary>
    public static bool Refuse(Vcpu* cpu, uint gva, uint access, uint protection)
    {
        cpu->Fault.Vector = Vectors.PageFault;
        cpu->Fault.ErrorCode = (access & (AccessFlags.Write | AccessFlags.User)) | protection;
        cpu->Fault.Address = gva;
        return false;
    }
}
