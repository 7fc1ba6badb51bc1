using System.Numerics;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <content>Pages for tables, and the state at the start.</content>
internal unsafe partial struct ShadowMmu
{
    private const uint AreaIndex = 508, AliasIndex = 508; // of 2 MiB each: 0xFF800000 in the fourth GiB, 0x3F800000 in the first

    /// <summary>
    /// Everything from the start: no address space but the one without paging, which is in use. The fields that are not private are set;
    /// the fixed pages are the caller's, except that their directories are linked here.
    /// </summary>
    public static void Reset(ShadowMmu* mmu)
    {
        mmu->freeHead = mmu->freeCount = mmu->unsyncedCount = mmu->clock = 0;
        mmu->Tables[LowTable].Kind = mmu->Tables[AreaTable].Kind = TableKind.Fixed;
        for (uint i = 0; i < MaxRoots; i++)
            Root(mmu, i)->Page = ShadowRoot.Unused;
        for (uint page = mmu->PoolPages; page-- > FirstFree;)
            PutFree(mmu, page);
        mmu->current = MakeRoot(mmu, ShadowRoot.Unpaged);
        Select(mmu, mmu->current);
    }

    /// <summary>The pool has grown to so many pages.</summary>
    public static void Grow(ShadowMmu* mmu, uint pages)
    {
        for (uint page = mmu->PoolPages; page < pages; page++)
            PutFree(mmu, page);
        mmu->PoolPages = pages;
    }

    /// <summary>
    /// Empties all tables; the address space in use stays so. For when entries may name pages that the host took back, and for want of
    /// pages.
    /// </summary>
    public static void Empty(ShadowMmu* mmu)
    {
        uint page = Root(mmu, mmu->current)->Page;
        for (uint i = 0; i < MaxRoots; i++)
        {
            if (Root(mmu, i)->Page != ShadowRoot.Unused)
                DropRoot(mmu, i);
        }
        for (uint i = 0; i < mmu->unsyncedCount; i++)
            mmu->Notes[mmu->unsynced[i]].Flags &= unchecked((ushort)~PageNote.Unsynced);
        // Whatever is left has no parent any more.
        for (uint table = FirstFree; table < mmu->PoolPages; table++)
        {
            if (mmu->Tables[table].Kind is TableKind.Table or TableKind.Large or TableKind.Direct)
                FreeTable(mmu, table);
        }
        mmu->unsyncedCount = 0;
        mmu->current = MakeRoot(mmu, page);
        Select(mmu, mmu->current);
    }

    // A free page holds zeros, as one that the host just gave does: few of its entries were in use, and those are cleared here.
    private static void PutFree(ShadowMmu* mmu, uint page)
    {
        ShadowTable* table = mmu->Tables + page;
        ulong* entries = Entries(mmu, page), end = entries + 512, used = table->Used;
        for (; entries != end; entries += 64, used++)
        {
            ulong bits = *used;
            if (bits == 0)
                continue;
            for (; bits != 0; bits &= bits - 1)
                entries[(uint)BitOperations.TrailingZeroCount(bits)] = 0;
            *used = 0;
        }
        table->Kind = TableKind.Free;
        table->Next = (ushort)mmu->freeHead;
        mmu->freeHead = page;
        mmu->freeCount++;
    }

    // The caller has made sure that there is one (Reserve).
    private static uint Take(ShadowMmu* mmu, TableKind kind, uint guestPage)
    {
        uint page = mmu->freeHead;
        ShadowTable* table = mmu->Tables + page;
        mmu->freeHead = table->Next;
        mmu->freeCount--;
        table->Kind = kind;
        table->Page = guestPage;
        table->Parents = 0;
        table->HasGlobal = 0;
        table->Pde = 0;
        return page;
    }

    private static ulong DirectoryEntry(ShadowMmu* mmu, uint table) =>
        mmu->PoolFrames[table] | Present | Writable | User | Accessed | Dirty;

    // The number in the pool of what a directory entry leads to; the pool's pages need not be in one piece, so it is kept in the entry's
    // ignored bits.
    private static uint NumberOf(ulong entry) => (uint)(entry >> 52) & 0x7FF | ((uint)(entry >> 9) & 7) << 11;

    private static ulong WithNumber(ulong entry, uint table) => entry | (ulong)(table & 0x7FF) << 52 | (ulong)(table >> 11) << 9;
}
