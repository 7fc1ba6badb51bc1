using System.Numerics;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <content>Directories lead to tables, which live as long as one does.</content>
internal unsafe partial struct ShadowMmu
{
    private static void Link(ShadowMmu* mmu, uint directory, uint index, uint table)
    {
        Entries(mmu, directory)[index] = WithNumber(DirectoryEntry(mmu, table) & ~(7ul << 9), table);
        mmu->Tables[directory].Used[index >> 6] |= 1ul << (int)(index & 63);
        mmu->Tables[table].Parents++;
    }

    private static void Unlink(ShadowMmu* mmu, uint directory, uint index)
    {
        ulong* entry = Entries(mmu, directory) + index;
        uint table = NumberOf(*entry);
        mmu->last.Page = FaultPlace.None;
        *entry = 0;
        mmu->Tables[directory].Used[index >> 6] &= ~(1ul << (int)(index & 63));
        if (--mmu->Tables[table].Parents == 0)
            FreeTable(mmu, table);
        mmu->ReloadWanted = true;
    }

    private static void UnlinkEverywhere(ShadowMmu* mmu, uint table)
    {
        for (uint directory = FirstFree; directory < mmu->PoolPages; directory++)
        {
            if (mmu->Tables[directory].Kind != TableKind.Directory)
                continue;
            for (uint word = 0; word < ShadowTable.Words; word++)
            {
                for (ulong bits = mmu->Tables[directory].Used[word]; bits != 0; bits &= bits - 1)
                {
                    uint index = word * 64 + (uint)BitOperations.TrailingZeroCount(bits);
                    if (NumberOf(Entries(mmu, directory)[index]) == table)
                        Unlink(mmu, directory, index);
                }
            }
        }
    }

    // The CPU may still know the table until the reload.
    private static void FreeTable(ShadowMmu* mmu, uint number)
    {
        ShadowTable* table = mmu->Tables + number;
        PageNote* note = NoteOf(mmu, table->Page);
        if (note != null && table->Kind == TableKind.Table && note->Tables[table->Half] == number)
            note->Tables[table->Half] = 0;
        if (note != null && table->Kind == TableKind.Large && note->Large[table->Half] == number)
            note->Large[table->Half] = 0;
        PutFree(mmu, number);
        mmu->ReloadWanted = true;
    }
}
