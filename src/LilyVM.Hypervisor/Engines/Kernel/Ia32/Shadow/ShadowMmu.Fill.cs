namespace LilyVM.Hypervisor.Engines.Kernel;

/// <content>Entries come in at page faults.</content>
internal unsafe partial struct ShadowMmu
{
    /// <summary>
    /// Makes an access of the guest possible, if its own tables allow it: sets its accessed and dirty bits, and writes the entry.
    /// </summary>
    /// <param name="mmu">The tables.</param>
    /// <param name="gva">The address.</param>
    /// <param name="access">Bits of <see cref="AccessFlags"/>.</param>
    public static FillResult Fill(ShadowMmu* mmu, uint gva, uint access)
    {
        Translation translation;
        if (!PageWalk.Walk(mmu->Cpu, gva, access, &translation))
            return FillResult.GuestFault;
        uint page = translation.Gpa >> 12;
        if (page >= mmu->RamPages)
        {
            mmu->Needed = translation.Gpa;
            return FillResult.Device;
        }
        if (mmu->Frames[page] == 0)
        {
            mmu->Needed = page;
            return FillResult.NeedsPage;
        }
        if (mmu->freeCount < Reserve)
            return FillResult.NeedsPool;
        if (mmu->unsyncedCount == MaxUnsynced)
            SyncAll(mmu); // here, because it may free the table that is about to be filled
        uint table = TableFor(mmu, gva, &translation);
        Set(mmu, table, gva >> 12 & 511, page, access, &translation);
        return FillResult.Filled;
    }

    // The table for an address in the current root, made or linked if necessary.
    private static uint TableFor(ShadowMmu* mmu, uint gva, Translation* translation)
    {
        ShadowRoot* root = Root(mmu, mmu->current);
        uint number = gva >> 30, index = gva >> 21 & 511, directory = root->Directories[number];
        if (directory == 0)
        {
            directory = MakeDirectory(mmu, root, number);
            Entries(mmu, LowTable)[number] = DirectoryEntry(mmu, directory);
        }
        ulong entry = Entries(mmu, directory)[index];
        byte rights = (byte)(translation->Pde & (PageWalk.Writable | PageWalk.User));
        if (entry != 0)
        {
            uint linked = NumberOf(entry);
            if (root->Page == ShadowRoot.Unpaged || Leads(mmu, translation->Pde, linked))
                return linked;
            Unlink(mmu, directory, index); // the guest wrote this entry and did not flush: it was not present before
            mmu->ReloadWanted = true;
        }
        uint table = root->Page == ShadowRoot.Unpaged
            ? Take(mmu, TableKind.Direct, gva >> 21 << 9)
            : Shared(mmu, translation->Pde >> 12, gva >> 21 & 1, rights, translation->Large);
        Link(mmu, directory, index, table);
        return table;
    }

    // The table of one half of a guest's page table or large page, for whichever address space.
    private static uint Shared(ShadowMmu* mmu, uint guestPage, uint half, byte rights, bool large)
    {
        PageNote* note = NoteOf(mmu, guestPage);
        if (note == null)
            return Take(mmu, TableKind.Direct, guestPage); // a large page that starts beyond RAM; never shared
        ushort* place = (large ? note->Large : note->Tables) + half;
        uint table = *place;
        if (table != 0 && mmu->Tables[table].Rights != rights)
        {
            UnlinkEverywhere(mmu, table);
            table = 0;
        }
        if (table != 0)
        {
            if (mmu->Policy == MmuPolicy.Scan && !large)
                CompareTable(mmu, table); // nobody did while it was not in use
            return table;
        }
        table = Take(mmu, large ? TableKind.Large : TableKind.Table, guestPage);
        mmu->Tables[table].Half = (byte)half;
        mmu->Tables[table].Rights = rights;
        mmu->Tables[table].Pde = guestPage << 12 | rights | PageWalk.Present | (large ? PageWalk.Large : 0);
        *place = (ushort)table;
        if (!large)
            Protect(mmu, guestPage, note);
        return table;
    }

    private static void Set(ShadowMmu* mmu, uint table, uint index, uint page, uint access, Translation* translation)
    {
        bool write = (access & AccessFlags.Write) != 0;
        bool writable = translation->Writable && translation->Dirty, user = translation->User;
        if (write && !translation->Writable)
        {
            writable = true; // CR0.WP is clear: the kernel may write, programs may not even read until the next fault
            user = false;
        }
        writable = writable && MayWrite(mmu, page, table << 9 | index, write);
        ShadowTable* there = mmu->Tables + table;
        ulong* entry = Entries(mmu, table) + index;
        ulong word = (mmu->Frames[page] & FrameMask) | Present | Accessed | Dirty | (writable ? Writable : 0) | (user ? User : 0);
        if (translation->Global)
        {
            word |= SoftwareGlobal;
            there->HasGlobal = 1;
        }
        *entry = word;
        mmu->Origins[table << 9 | index] = translation->Pte;
        there->Used[index >> 6] |= 1ul << (int)(index & 63);
        Count(mmu, KernelCounter.ShadowFills);
    }

    // Whether an entry for a page may be writable, which is noted then.
    private static bool MayWrite(ShadowMmu* mmu, uint page, uint writer, bool write)
    {
        PageNote* note = mmu->Notes + page;
        if (IsFollowed(mmu, note))
        {
            if (!write)
                return false;
            Unsync(mmu, page, note);
        }
        NoteWriter(mmu, page, note, writer);
        return true;
    }

    private static bool IsTable(PageNote* note) => (note->Root | note->Tables[0] | note->Tables[1]) != 0;
}
