using System.Numerics;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <content>Address spaces.</content>
internal unsafe partial struct ShadowMmu
{
    private const uint KernelStart = 768; // index in a guest's page directory

    /// <summary>
    /// CR3 was loaded, or another flush is due that leaves global entries: what the guest changed in its tables is taken over.
    /// </summary>
    public static void LoadCr3(ShadowMmu* mmu)
    {
        Vcpu* cpu = mmu->Cpu;
        if ((cpu->Cr0 & ControlBits.Paging) == 0)
            return;
        uint page = cpu->Cr3 >> 12;
        if (mmu->AliasActive && mmu->firstDirectory == 0)
            mmu->firstDirectory = page + 1;
        else if (mmu->AliasActive && mmu->firstDirectory != page + 1)
            EndAlias(mmu);
        if (mmu->Policy == MmuPolicy.Sync)
            SyncAll(mmu);
        Select(mmu, FindRoot(mmu, page));
        if (mmu->Policy == MmuPolicy.Scan)
            CompareRoot(mmu, mmu->current, deeply: true);
        else if (mmu->Policy == MmuPolicy.Lazy)
            KeepGlobal(mmu);
        mmu->ReloadWanted = true;
    }

    /// <summary>Everything is to be read anew, global entries too, but nothing means something else than before.</summary>
    public static void FlushAll(ShadowMmu* mmu)
    {
        if (mmu->Policy == MmuPolicy.Sync)
            SyncAll(mmu);
        else
            Empty(mmu);
        mmu->ReloadWanted = true;
    }

    /// <summary>CR0.PG, CR0.WP or CR4.PSE changed.</summary>
    public static void ChangeMode(ShadowMmu* mmu)
    {
        Root(mmu, mmu->current)->Page = (mmu->Cpu->Cr0 & ControlBits.Paging) == 0 ? ShadowRoot.Unpaged : mmu->Cpu->Cr3 >> 12;
        if ((mmu->Cpu->Cr0 & ControlBits.Paging) != 0 && mmu->AliasActive && mmu->firstDirectory == 0)
            mmu->firstDirectory = (mmu->Cpu->Cr3 >> 12) + 1;
        Empty(mmu);
        mmu->ReloadWanted = true;
    }

    private static uint FindRoot(ShadowMmu* mmu, uint page)
    {
        PageNote* note = NoteOf(mmu, page);
        if (note != null && note->Root != 0)
            return note->Root - 1u;
        return MakeRoot(mmu, page);
    }

    // Takes a root out of use if there is none left: the one that was not used for longest, and never the current one.
    private static uint MakeRoot(ShadowMmu* mmu, uint page)
    {
        uint best = MaxRoots;
        for (uint i = 0; i < MaxRoots; i++)
        {
            ShadowRoot* candidate = Root(mmu, i);
            if (candidate->Page == ShadowRoot.Unused)
            {
                best = i;
                break;
            }
            if (i != mmu->current && (best == MaxRoots || candidate->LastUse < Root(mmu, best)->LastUse))
                best = i;
        }
        ShadowRoot* root = Root(mmu, best);
        if (root->Page != ShadowRoot.Unused)
            DropRoot(mmu, best);
        Count(mmu, KernelCounter.RootsMade);
        root->Page = page;
        root->LastUse = mmu->clock;
        for (int i = 0; i < 4; i++)
            root->Directories[i] = 0;
        PageNote* note = NoteOf(mmu, page);
        if (note != null)
        {
            note->Root = (ushort)(best + 1);
            Protect(mmu, page, note);
        }
        return best;
    }

    private static void Select(ShadowMmu* mmu, uint index)
    {
        ShadowRoot* root = Root(mmu, index), before = Root(mmu, mmu->current);
        mmu->current = index;
        mmu->last.Page = FaultPlace.None;
        root->LastUse = ++mmu->clock;
        if (root->Directories[3] == 0)
        {
            if (mmu->freeCount < Reserve)
                MakeRoom(mmu, root);
            MakeDirectory(mmu, root, 3);
            if (mmu->AliasActive)
                MakeDirectory(mmu, root, 0);
            if (root->Page < mmu->RamPages)
                LinkKernel(mmu, root, before->Directories[3]);
        }
        ulong* low = Entries(mmu, LowTable);
        for (uint i = 0; i < 4; i++)
            low[i] = root->Directories[i] == 0 ? 0 : DirectoryEntry(mmu, root->Directories[i]);
    }

    // The pool is exhausted while a root is selected: all others go.
    private static void MakeRoom(ShadowMmu* mmu, ShadowRoot* keep)
    {
        for (uint i = 0; i < MaxRoots; i++)
        {
            if (Root(mmu, i) != keep && Root(mmu, i)->Page != ShadowRoot.Unused)
                DropRoot(mmu, i);
        }
        for (uint table = FirstFree; table < mmu->PoolPages; table++)
        {
            if (mmu->Tables[table].Kind is TableKind.Table or TableKind.Large or TableKind.Direct && mmu->Tables[table].Parents == 0)
                FreeTable(mmu, table);
        }
    }

    private static uint MakeDirectory(ShadowMmu* mmu, ShadowRoot* root, uint number)
    {
        uint directory = Take(mmu, TableKind.Directory, root->Page);
        root->Directories[number] = (ushort)directory;
        ulong* entries = Entries(mmu, directory);
        if (number == 3)
            entries[AreaIndex] = DirectoryEntry(mmu, AreaTable);
        else if (number == 0 && mmu->AliasActive)
            entries[AliasIndex] = DirectoryEntry(mmu, AreaTable);
        return directory;
    }

    // A new address space has the kernel's tables from the start, as far as the one before it used them and both have them: that saves a
    // fault each.
    private static void LinkKernel(ShadowMmu* mmu, ShadowRoot* root, uint before)
    {
        const uint Number = 3;
        uint directory = root->Directories[Number];
        if (before == 0 || before == directory)
            return;
        uint* guest = GuestTable(mmu, root->Page) + KernelStart;
        ulong* entries = Entries(mmu, directory), others = Entries(mmu, before), used = mmu->Tables[directory].Used;
        ShadowTable* tables = mmu->Tables;
        uint mask = LinkMask(mmu) | PageWalk.Accessed;
        for (uint word = 0; word < ShadowTable.Words; word++, entries += 64, others += 64, guest += 32)
        {
            for (ulong bits = tables[before].Used[word]; bits != 0; bits &= bits - 1)
            {
                int index = BitOperations.TrailingZeroCount(bits);
                ShadowTable* table = tables + NumberOf(others[index]);
                if (((guest[index / 2] ^ (table->Pde | PageWalk.Accessed)) & mask) != 0)
                    continue;
                entries[index] = others[index];
                used[word] |= bits & (0 - bits);
                table->Parents++;
            }
        }
    }

    private static void EndAlias(ShadowMmu* mmu)
    {
        mmu->AliasActive = false;
        for (uint i = 0; i < MaxRoots; i++)
        {
            ShadowRoot* root = Root(mmu, i);
            if (root->Page != ShadowRoot.Unused && root->Directories[0] != 0)
                Entries(mmu, root->Directories[0])[AliasIndex] = 0;
        }
    }

    private static void DropRoot(ShadowMmu* mmu, uint index)
    {
        ShadowRoot* root = Root(mmu, index);
        for (uint i = 0; i < 4; i++)
        {
            uint directory = root->Directories[i];
            if (directory == 0)
                continue;
            ReleaseTables(mmu, directory);
            if (i is 0 or 3)
                Entries(mmu, directory)[i == 0 ? AliasIndex : AreaIndex] = 0; // has no bit in Used
            PutFree(mmu, directory);
            root->Directories[i] = 0;
        }
        PageNote* note = NoteOf(mmu, root->Page);
        if (note != null)
            note->Root = 0;
        root->Page = ShadowRoot.Unused;
        mmu->ReloadWanted = true;
    }

    // The links themselves go with the directory.
    private static void ReleaseTables(ShadowMmu* mmu, uint directory)
    {
        ulong* entries = Entries(mmu, directory);
        for (uint word = 0; word < ShadowTable.Words; word++, entries += 64)
        {
            for (ulong bits = mmu->Tables[directory].Used[word]; bits != 0; bits &= bits - 1)
            {
                uint table = NumberOf(entries[BitOperations.TrailingZeroCount(bits)]);
                if (--mmu->Tables[table].Parents == 0)
                    FreeTable(mmu, table);
            }
        }
    }

    private static PageNote* NoteOf(ShadowMmu* mmu, uint page) => page < mmu->RamPages ? mmu->Notes + page : null;
}
