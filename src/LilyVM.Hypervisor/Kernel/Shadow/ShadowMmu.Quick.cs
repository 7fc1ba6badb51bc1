using System.Numerics;
using LilyVM.Hypervisor.Mmu;

namespace LilyVM.Hypervisor.Kernel;

/// <content>The usual page fault.</content>
internal unsafe partial struct ShadowMmu
{
    private const uint Around = 16; // entries, as many pages as Linux maps around one of a file; a power of two

    /// <summary>
    /// Fills an entry whose table is in place and for which no rule but the usual ones has to be considered, as <see cref="Fill"/> would in three times as many
    /// instructions.
    /// </summary>
    /// <param name="mmu">The tables.</param>
    /// <param name="gva">The address.</param>
    /// <param name="access">Bits of <see cref="AccessFlags"/>.</param>
    public static FillResult FillQuickly(ShadowMmu* mmu, uint gva, uint access)
    {
        const uint Mode = ControlBits.Paging | ControlBits.WriteProtect, Rights = PageWalk.Writable | PageWalk.User;
        ShadowRoot* root = Root(mmu, mmu->current);
        uint directory = root->Directories[gva >> 30];
        if ((mmu->Cpu->Cr0 & Mode) != Mode || directory == 0 || mmu->unsyncedCount == MaxUnsynced)
            return FillResult.Undecided;
        ulong link = Entries(mmu, directory)[gva >> 21 & 511];
        if (link == 0)
            return FillResult.Undecided;
        uint number = NumberOf(link), index = gva >> 12 & 511;
        ShadowTable* table = mmu->Tables + number;
        // The directory is in RAM and so is the table: otherwise the walk had failed that brought the link.
        uint* place = GuestTable(mmu, root->Page) + (gva >> 22);
        uint pde = *place, allowed = pde & Rights;
        if (!Leads(mmu, pde, number) || (pde & PageWalk.Accessed) == 0)
            return FillResult.Undecided;
        uint pte = pde, page = (pde >> 12) + (gva >> 12 & 1023);
        if (table->Kind == TableKind.Table)
        {
            place = GuestTable(mmu, pde >> 12) + (gva >> 12 & 1023);
            pte = *place;
            page = pte >> 12;
            allowed &= pte;
        }
        if ((pte & PageWalk.Present) == 0 || (access & Rights & ~allowed) != 0)
        {
            PageWalk.Refuse(mmu->Cpu, gva, access, pte & PageWalk.Present);
            return FillResult.GuestFault;
        }
        if (page >= mmu->RamPages || mmu->Frames[page] == 0)
            return FillResult.Undecided;
        bool write = (access & AccessFlags.Write) != 0;
        uint word = pte | PageWalk.Accessed | (write ? PageWalk.Dirty : 0);
        if ((word & PageWalk.Dirty) == 0)
            allowed &= ~PageWalk.Writable;
        if ((allowed & PageWalk.Writable) != 0 && !MayWrite(mmu, page, number << 9 | index, write))
            allowed &= ~PageWalk.Writable;
        if (word != pte)
            *place = word;
        ulong entry = (mmu->Frames[page] & FrameMask) | Present | Accessed | Dirty | allowed;
        if ((pte & PageWalk.Global) != 0 && (mmu->Cpu->Cr4 & ControlBits.PageGlobal) != 0)
        {
            entry |= SoftwareGlobal;
            table->HasGlobal = 1;
        }
        Entries(mmu, number)[index] = entry;
        table->Used[index >> 6] |= 1ul << (int)(index & 63);
        Count(mmu, KernelCounter.ShadowFills);
        if ((access & AccessFlags.Fetch) != 0 && table->Kind == TableKind.Table)
            FillAround(mmu, number, index & ~(Around - 1), pde);
        return FillResult.Filled;
    }

    // Whether an entry for a page may be writable, which is noted then. A page table may be when it is written just now; that is when following it begins.
    private static bool MayWrite(ShadowMmu* mmu, uint page, uint writer, bool write)
    {
        PageNote* note = mmu->Notes + page;
        if (IsTable(note) && mmu->Policy == MmuPolicy.Sync && (note->Flags & PageNote.Unsynced) == 0)
        {
            if (!write)
                return false;
            Unsync(mmu, page, note);
        }
        NoteWriter(mmu, page, note, writer);
        return true;
    }

    // A program runs on into pages that its kernel mapped with this one: those that it calls accessed come in too, for reading.
    private static void FillAround(ShadowMmu* mmu, uint number, uint first, uint pde)
    {
        const uint Wanted = PageWalk.Present | PageWalk.Accessed | PageWalk.User;
        if ((pde & PageWalk.User) == 0)
            return;
        ShadowTable* table = mmu->Tables + number;
        uint* guest = GuestTable(mmu, pde >> 12) + (table->Half * 512u) + first;
        ulong* entries = Entries(mmu, number) + first;
        uint missing = ~(uint)(table->Used[first >> 6] >> (int)(first & 63)) & ((1u << (int)Around) - 1), filled = 0;
        for (; missing != 0; missing &= missing - 1)
        {
            uint i = (uint)BitOperations.TrailingZeroCount(missing), pte = guest[i], page = pte >> 12;
            if ((pte & (Wanted | PageWalk.Global)) != Wanted || page >= mmu->RamPages || mmu->Frames[page] == 0)
                continue;
            entries[i] = (mmu->Frames[page] & FrameMask) | Present | Accessed | Dirty | User;
            filled |= 1u << (int)i;
        }
        table->Used[first >> 6] |= (ulong)filled << (int)(first & 63);
    }
}
