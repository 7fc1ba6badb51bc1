using System.Numerics;
using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <content>How the tables follow what the guest does to its own.</content>
internal unsafe partial struct ShadowMmu
{
    /// <summary>INVLPG.</summary>
    public static void FlushPage(ShadowMmu* mmu, uint gva)
    {
        ShadowRoot* root = Root(mmu, mmu->current);
        uint number = gva >> 30, directory = root->Directories[number], index = gva >> 21 & 511;
        if (directory == 0)
            return;
        // A large page, or a changed directory entry: both of its halves.
        CheckLink(mmu, root, number, index ^ 1);
        if (!CheckLink(mmu, root, number, index))
            return;
        uint table = NumberOf(Entries(mmu, directory)[index]), place = gva >> 12 & 511;
        Entries(mmu, table)[place] = 0;
        mmu->Tables[table].Used[place >> 6] &= ~(1ul << (int)(place & 63));
    }

    // True if the directory has the entry, and it is of small pages and still what the guest says.
    private static bool CheckLink(ShadowMmu* mmu, ShadowRoot* root, uint number, uint index)
    {
        uint directory = root->Directories[number];
        if ((mmu->Tables[directory].Used[index >> 6] >> (int)(index & 63) & 1) == 0)
            return false;
        uint table = NumberOf(Entries(mmu, directory)[index]);
        if (mmu->Tables[table].Kind != TableKind.Large && StillLinked(mmu, root, number, index, table))
            return true;
        Unlink(mmu, directory, index);
        return false;
    }

    // From now on the guest cannot write the page unnoticed.
    private static void Protect(ShadowMmu* mmu, uint page, PageNote* note)
    {
        if (mmu->Policy != MmuPolicy.Sync || (note->Flags & PageNote.Unsynced) != 0)
            return;
        if ((note->Flags & PageNote.ManyWriters) != 0)
            ProtectEverywhere(mmu, page);
        else if (TakeWriting(mmu, page, note->Writer0) | TakeWriting(mmu, page, note->Writer1))
            mmu->ReloadWanted = true;
        note->Writer0 = note->Writer1 = 0;
        note->Flags &= unchecked((ushort)~PageNote.ManyWriters);
    }

    private static bool Writes(ShadowMmu* mmu, uint page, uint writer)
    {
        if (writer == 0)
            return false;
        ulong entry = mmu->Pool[writer];
        return mmu->Tables[writer >> 9].Kind >= TableKind.Table && (entry & Writable) != 0
            && ((entry ^ mmu->Frames[page]) & FrameMask) == 0;
    }

    private static bool TakeWriting(ShadowMmu* mmu, uint page, uint writer)
    {
        if (!Writes(mmu, page, writer))
            return false;
        mmu->Pool[writer] &= ~Writable;
        return true;
    }

    private static void ProtectEverywhere(ShadowMmu* mmu, uint page)
    {
        for (uint table = FirstFree; table < mmu->PoolPages; table++)
        {
            if (mmu->Tables[table].Kind < TableKind.Table)
                continue;
            for (uint index = 0; index < 512; index++)
                TakeWriting(mmu, page, table << 9 | index);
        }
        mmu->ReloadWanted = true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void NoteWriter(ShadowMmu* mmu, uint page, PageNote* note, uint writer)
    {
        if (note->Writer0 == 0)
            note->Writer0 = writer;
        else if (note->Writer0 != writer && note->Writer1 != writer)
            NoteAnotherWriter(mmu, page, note, writer);
    }

    // The first is as a rule the guest's kernel, which maps all memory, and for good.
    private static void NoteAnotherWriter(ShadowMmu* mmu, uint page, PageNote* note, uint writer)
    {
        if (!Writes(mmu, page, note->Writer1))
            note->Writer1 = writer;
        else if (!Writes(mmu, page, note->Writer0))
            note->Writer0 = writer;
        else
            note->Flags |= PageNote.ManyWriters;
    }

    // The guest writes one of its page tables: it may, until the next flush.
    private static void Unsync(ShadowMmu* mmu, uint page, PageNote* note)
    {
        if (note->Root != 0 && note->Root - 1u != mmu->current)
        {
            DropRoot(mmu, note->Root - 1u); // as a rule its process has ended, and the page became something else
            if (!IsTable(note))
                return;
        }
        note->Flags |= PageNote.Unsynced;
        mmu->unsynced[mmu->unsyncedCount++] = page;
        Count(mmu, KernelCounter.Unsyncs);
    }

    private static void SyncAll(ShadowMmu* mmu)
    {
        // Directories first: a table that no directory leads to any more is nothing to follow.
        for (uint i = 0; i < mmu->unsyncedCount; i++)
        {
            PageNote* note = mmu->Notes + mmu->unsynced[i];
            if (note->Root != 0)
                CompareRoot(mmu, note->Root - 1u, deeply: false);
        }
        for (uint i = 0; i < mmu->unsyncedCount; i++)
        {
            uint page = mmu->unsynced[i];
            PageNote* note = mmu->Notes + page;
            note->Flags &= unchecked((ushort)~PageNote.Unsynced);
            for (uint half = 0; half < 2; half++)
            {
                if (note->Tables[half] != 0)
                    CompareTable(mmu, note->Tables[half]);
            }
            if (IsTable(note))
                Protect(mmu, page, note);
        }
        mmu->unsyncedCount = 0;
    }

    // Takes back what the guest's table does not say any more.
    private static void CompareTable(ShadowMmu* mmu, uint number)
    {
        const uint Needed = PageWalk.Present | PageWalk.Accessed;
        const ulong Compared = FrameMask | Writable | User;
        uint* origins = mmu->Origins + number * 512;
        ShadowTable* table = mmu->Tables + number;
        uint* guest = GuestTable(mmu, table->Page) + table->Half * 512u;
        ulong* entries = Entries(mmu, number), frames = mmu->Frames;
        uint rights = table->Rights, pages = mmu->RamPages;
        Count(mmu, KernelCounter.TablesCompared);
        for (uint word = 0; word < ShadowTable.Words; word++, entries += 64, origins += 64, guest += 64)
        {
            ulong used = table->Used[word];
            for (ulong bits = used; bits != 0; bits &= bits - 1)
            {
                int index = BitOperations.TrailingZeroCount(bits);
                uint pte = guest[index];
                if (pte == origins[index])
                    continue;
                ulong entry = entries[index];
                if ((pte & Needed) == Needed && pte >> 12 < pages)
                {
                    uint allowed = pte & rights & ((pte & PageWalk.Dirty) != 0 ? PageWalk.Writable | PageWalk.User : PageWalk.User);
                    ulong difference = (entry ^ ((frames[pte >> 12] & FrameMask) | allowed)) & Compared;
                    if ((difference & ~Writable) == 0)
                    {
                        origins[index] = pte;
                        if ((difference & entry) != 0)
                        {
                            entries[index] = entry & ~Writable; // as a fork leaves them: reading goes on without a fault
                            mmu->ReloadWanted = true;
                        }
                        continue;
                    }
                }
                entries[index] = 0;
                used &= ~(bits & (0 - bits));
                mmu->ReloadWanted = true;
                Count(mmu, KernelCounter.EntriesDropped);
            }
            table->Used[word] = used;
        }
    }

    private static bool StillLinked(ShadowMmu* mmu, ShadowRoot* root, uint number, uint index, uint table)
    {
        if (root->Page >= mmu->RamPages)
            return true; // no paging
        return Leads(mmu, GuestTable(mmu, root->Page)[number * 256 + index / 2], table);
    }

    // Whether a guest's directory entry leads to a table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Leads(ShadowMmu* mmu, uint pde, uint table) => ((pde ^ mmu->Tables[table].Pde) & LinkMask(mmu)) == 0;

    // Page, rights, and whether it is a large one: without CR4.PSE the bit means nothing.
    private static uint LinkMask(ShadowMmu* mmu) =>
        PageWalk.Frame | PageWalk.Present | PageWalk.Writable | PageWalk.User
        | ((mmu->Cpu->Cr4 & ControlBits.PageSizeExtension) != 0 ? PageWalk.Large : 0);

    // Drops the links that the guest's directory does not say any more; deeply: what its tables do not say either, but for global entries.
    private static void CompareRoot(ShadowMmu* mmu, uint rootIndex, bool deeply)
    {
        ShadowRoot* root = Root(mmu, rootIndex);
        for (uint number = 0; number < 4; number++)
        {
            uint directory = root->Directories[number];
            if (directory == 0)
                continue;
            if (root->Page < mmu->RamPages)
                DropStaleLinks(mmu, directory, GuestTable(mmu, root->Page) + (number * 256));
            if (deeply)
                CompareTables(mmu, directory);
        }
    }

    private static void DropStaleLinks(ShadowMmu* mmu, uint directory, uint* guest)
    {
        ulong* entries = Entries(mmu, directory), used = mmu->Tables[directory].Used;
        ShadowTable* tables = mmu->Tables;
        uint mask = LinkMask(mmu);
        for (uint word = 0; word < ShadowTable.Words; word++, entries += 64, guest += 32)
        {
            for (ulong bits = used[word]; bits != 0; bits &= bits - 1)
            {
                int index = BitOperations.TrailingZeroCount(bits);
                if (((guest[index / 2] ^ tables[NumberOf(entries[index])].Pde) & mask) != 0)
                    Unlink(mmu, directory, (word * 64) + (uint)index);
            }
        }
    }

    private static void CompareTables(ShadowMmu* mmu, uint directory)
    {
        bool keepGlobal = (mmu->Cpu->Cr4 & ControlBits.PageGlobal) != 0;
        for (uint word = 0; word < ShadowTable.Words; word++)
        {
            for (ulong bits = mmu->Tables[directory].Used[word]; bits != 0; bits &= bits - 1)
            {
                uint table = NumberOf(Entries(mmu, directory)[(word * 64) + (uint)BitOperations.TrailingZeroCount(bits)]);
                if (mmu->Tables[table].Kind == TableKind.Table && !(keepGlobal && mmu->Tables[table].HasGlobal != 0))
                    CompareTable(mmu, table);
            }
        }
    }

    // Of the current address space only what is global stays, and of the others nothing.
    private static void KeepGlobal(ShadowMmu* mmu)
    {
        bool keep = (mmu->Cpu->Cr4 & ControlBits.PageGlobal) != 0;
        for (uint i = 0; i < MaxRoots; i++)
        {
            if (i != mmu->current && Root(mmu, i)->Page != ShadowRoot.Unused)
                DropRoot(mmu, i);
        }
        ShadowRoot* root = Root(mmu, mmu->current);
        for (uint number = 0; number < 4; number++)
        {
            uint directory = root->Directories[number];
            if (directory == 0)
                continue;
            for (uint word = 0; word < ShadowTable.Words; word++)
            {
                for (ulong bits = mmu->Tables[directory].Used[word]; bits != 0; bits &= bits - 1)
                {
                    uint index = word * 64 + (uint)BitOperations.TrailingZeroCount(bits), table = NumberOf(Entries(mmu, directory)[index]);
                    if (!keep || mmu->Tables[table].HasGlobal == 0 || !StillLinked(mmu, root, number, index, table))
                        Unlink(mmu, directory, index);
                    else
                        DropButGlobal(mmu, table);
                }
            }
        }
    }

    private static void DropButGlobal(ShadowMmu* mmu, uint number)
    {
        ShadowTable* table = mmu->Tables + number;
        ulong* entries = Entries(mmu, number);
        for (uint word = 0; word < ShadowTable.Words; word++)
        {
            for (ulong bits = table->Used[word]; bits != 0; bits &= bits - 1)
            {
                uint index = word * 64 + (uint)BitOperations.TrailingZeroCount(bits);
                if ((entries[index] & SoftwareGlobal) != 0)
                    continue;
                entries[index] = 0;
                table->Used[word] &= ~(1ul << (int)(index & 63));
            }
        }
    }
}
