using System.Numerics;
using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <content>The usual page fault.</content>
internal unsafe partial struct ShadowMmu
{
    private const uint Around = 16; // entries, as many pages as Linux maps around one of a file; a power of two

    /// <summary>
    /// Fills an entry whose table is in place and for which no rule but the usual ones has to be considered, as <see cref="Fill"/> would in
    /// three times as many instructions.
    /// </summary>
    /// <param name="mmu">The tables.</param>
    /// <param name="gva">The address.</param>
    /// <param name="access">Bits of <see cref="AccessFlags"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FillResult FillQuickly(ShadowMmu* mmu, uint gva, uint access)
    {
        if (!Locate(mmu, gva))
            return FillResult.Undecided;
        FillResult result = FillLast(mmu, gva, access, always: true);
        if (result == FillResult.Filled && (access & AccessFlags.Fetch) != 0 && mmu->last.Table->Kind == TableKind.Table)
            FillAround(mmu, mmu->last.Writer & ~(Around - 1), mmu->last.Pde);
        return result;
    }

    /// <summary>
    /// The same for data of the page that the guest faulted at last (<see cref="IsAgain"/>), as after each fault that its kernel had to
    /// see: its tables need not be walked again.
    /// </summary>
    /// <param name="mmu">The tables.</param>
    /// <param name="gva">The address.</param>
    /// <param name="access">Bits of <see cref="AccessFlags"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FillResult FillAgain(ShadowMmu* mmu, uint gva, uint access) => FillLast(mmu, gva, access, always: false);

    /// <summary>
    /// Whether the access is one of data in the page that the guest faulted at last. The guest may change its directory without a flush
    /// where the CPU found nothing usable, so that is looked at again.
    /// </summary>
    /// <param name="mmu">The tables.</param>
    /// <param name="address">The address.</param>
    /// <param name="access">Bits of <see cref="AccessFlags"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsAgain(ShadowMmu* mmu, ulong address, uint access) =>
        (access & AccessFlags.Fetch) == 0 && address >> 12 == mmu->last.Page && *mmu->last.Directory == mmu->last.Pde;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Locate(ShadowMmu* mmu, uint gva)
    {
        const uint Mode = ControlBits.Paging | ControlBits.WriteProtect;
        ShadowRoot* root = Root(mmu, mmu->current);
        uint directory = root->Directories[gva >> 30];
        if ((mmu->Cpu->Cr0 & Mode) != Mode || directory == 0)
            return false;
        ulong link = Entries(mmu, directory)[gva >> 21 & 511];
        if (link == 0)
            return false;
        uint number = NumberOf(link);
        ShadowTable* table = mmu->Tables + number;
        // The directory is in RAM and so is the table: otherwise the walk had failed that brought the link.
        uint* place = GuestTable(mmu, root->Page) + (gva >> 22);
        uint pde = *place;
        if (!Leads(mmu, pde, number) || (pde & PageWalk.Accessed) == 0)
            return false;
        FaultPlace* last = &mmu->last;
        last->Page = gva >> 12;
        last->Pde = pde;
        last->Directory = place;
        if (table->Kind == TableKind.Table)
        {
            last->Entry = GuestTable(mmu, pde >> 12) + (gva >> 12 & 1023);
            last->Offset = 0;
        }
        else
        {
            last->Entry = place;
            last->Offset = gva >> 12 & 1023;
        }
        last->Table = table;
        last->Writer = number << 9 | (gva >> 12 & 511);
        return true;
    }

    // Not always: only what is quickly done.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FillResult FillLast(ShadowMmu* mmu, uint gva, uint access, bool always)
    {
        const uint Rights = PageWalk.Writable | PageWalk.User;
        FaultPlace* last = &mmu->last;
        uint pte = *last->Entry, allowed = pte & last->Pde & Rights;
        if ((pte & PageWalk.Present) == 0 || (access & Rights & ~allowed) != 0)
        {
            if (!always)
                return FillResult.Undecided;
            PageWalk.Refuse(mmu->Cpu, gva, access, pte & PageWalk.Present);
            return FillResult.GuestFault;
        }
        uint page = (pte >> 12) + last->Offset;
        if (page >= mmu->RamPages)
            return FillResult.Undecided;
        ulong frame = mmu->Frames[page];
        if (frame == 0)
            return FillResult.Undecided;
        uint word = pte | PageWalk.Accessed | ((access & AccessFlags.Write) != 0 ? PageWalk.Dirty : 0);
        if ((word & PageWalk.Dirty) == 0)
            allowed &= ~PageWalk.Writable;
        PageNote* note = mmu->Notes + page;
        if ((allowed & PageWalk.Writable) != 0 && IsFollowed(mmu, note))
        {
            // A page table may be writable when it is written just now; that is when following it ends.
            if (!always || mmu->unsyncedCount == MaxUnsynced)
                return FillResult.Undecided;
            if ((access & AccessFlags.Write) != 0)
                Unsync(mmu, page, note);
            else
                allowed &= ~PageWalk.Writable;
        }
        if (word != pte)
            *last->Entry = word;
        ulong entry = (frame & FrameMask) | Present | Accessed | Dirty | allowed;
        if ((pte & PageWalk.Global) != 0 && (mmu->Cpu->Cr4 & ControlBits.PageGlobal) != 0)
        {
            entry |= SoftwareGlobal;
            last->Table->HasGlobal = 1;
        }
        uint writer = last->Writer;
        mmu->Pool[writer] = entry;
        mmu->Origins[writer] = word;
        last->Table->Used[writer >> 6 & 7] |= 1ul << (int)(writer & 63);
        Count(mmu, KernelCounter.ShadowFills);
        if ((allowed & PageWalk.Writable) != 0)
            NoteWriter(mmu, page, note, writer);
        return FillResult.Filled;
    }

    // A page table that the guest must not write unnoticed.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsFollowed(ShadowMmu* mmu, PageNote* note) =>
        IsTable(note) && mmu->Policy == MmuPolicy.Sync && (note->Flags & PageNote.Unsynced) == 0;

    // A program runs on into pages that its kernel mapped with this one: those that it calls accessed come in too, for reading.
    private static void FillAround(ShadowMmu* mmu, uint writer, uint pde)
    {
        const uint Wanted = PageWalk.Present | PageWalk.Accessed | PageWalk.User;
        if ((pde & PageWalk.User) == 0)
            return;
        uint first = writer & 511;
        ShadowTable* table = mmu->Tables + (writer >> 9);
        uint* guest = GuestTable(mmu, pde >> 12) + (table->Half * 512u) + first;
        ulong* entries = mmu->Pool + writer, frames = mmu->Frames;
        uint* origins = mmu->Origins + writer;
        uint pages = mmu->RamPages;
        uint missing = ~(uint)(table->Used[first >> 6] >> (int)(first & 63)) & ((1u << (int)Around) - 1), filled = missing;
        for (; missing != 0; missing &= missing - 1)
        {
            uint i = (uint)BitOperations.TrailingZeroCount(missing), pte = guest[i], page = pte >> 12;
            ulong frame = (pte & (Wanted | PageWalk.Global)) == Wanted && page < pages ? frames[page] : 0;
            if (frame == 0)
            {
                filled &= ~(missing & (0 - missing));
                continue;
            }
            origins[i] = pte;
            entries[i] = (frame & FrameMask) | Present | Accessed | Dirty | User;
        }
        table->Used[first >> 6] |= (ulong)filled << (int)(first & 63);
    }
}
