using System.Numerics;
using System.Runtime.CompilerServices;
using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

/// <content>Forgetting: the scan of the guest's tables at a flush, single pages, and everything.</content>
internal static unsafe partial class AddressSpace
{
    private const uint AllEntries = 1; // in the kernel log

    private enum Verdict : uint
    {
        Keep,
        Protect,
        Park,
    }

    private static uint kernelLogSeen;

    /// <summary>CR3 was loaded: compares what is mapped and not global with the guest's tables.</summary>
    public static void FlushPrograms(Vcpu* cpu)
    {
        bool globals = (cpu->Cr4 & ControlBits.PageGlobal) == 0;
        if (parkedPages > MaxParkedPages)
            DropRegions(0, FirstKernelRegion);
        // A kernel that has all its pages global has nothing to compare.
        Scan(cpu, 0, globals || kernelNonGlobal != 0 ? EndRegion : FirstKernelRegion, globals);
    }

    /// <summary>Compares all that is mapped with the guest's tables, in the other stubs too when it is their turn.</summary>
    public static void FlushAll(Vcpu* cpu)
    {
        This.Count(Counter.FullFlushes);
        Scan(cpu, 0, EndRegion, globals: true);
        Log(AllEntries);
    }

    /// <summary>INVLPG.</summary>
    public static void FlushPage(Vcpu* cpu, uint gva)
    {
        This.Count(Counter.PageFlushes);
        if (gva >= VmArea.Base)
            return;
        FlushOne(cpu, gva);
        if (gva >= Layout.ProgramEnd)
            Log(gva & Frame);
    }

    /// <summary>Paging was switched on or off, or its rules changed: nothing that is mapped counts any longer.</summary>
    public static void Reset()
    {
        ForgetAll();
        if (Shift != 0)
            Move(0); // where the guest needed it, before it had page tables perhaps, is no longer there
        Log(AllEntries);
    }

    private static void ForgetAll()
    {
        if (alias)
        {
            const uint AliasEnd = VmArea.UnpagedAlias + VmArea.LibrarySize;
            Remove(Lowest >> 12, (VmArea.UnpagedAlias - Lowest) >> 12);
            Remove(AliasEnd >> 12, (VmArea.Base - AliasEnd) >> 12);
        }
        else
        {
            Remove(Lowest >> 12, (VmArea.Base - Lowest) >> 12);
        }
        unpaged = false;
        for (uint i = NextUsed(0, EndRegion); i < EndRegion; i = NextUsed(i + 1, EndRegion))
            Clear(Regions + i, i);
    }

    /// <summary>Catches up with what other stubs were told to forget about the kernel.</summary>
    public static void CatchUp(Vcpu* cpu)
    {
        Machine* machine = This.Machine;
        if (kernelLogSeen == machine->KernelLogEnd)
            return;
        bool all = machine->KernelLogEnd - kernelLogSeen > Machine.KernelLogCapacity;
        for (uint i = kernelLogSeen; i != machine->KernelLogEnd && !all; i++)
        {
            uint gva = (uint)machine->KernelLog[i & (Machine.KernelLogCapacity - 1)];
            all = gva == AllEntries;
            if (!all)
                FlushOne(cpu, gva);
        }
        if (all)
            Scan(cpu, FirstKernelRegion, EndRegion, globals: true);
        kernelLogSeen = machine->KernelLogEnd;
    }

    /// <summary>
    /// A guest program is about to run: pages that only the guest kernel may touch go, where a program's segments reach them.
    /// </summary>
    public static void HideKernelPages()
    {
        if (hiddenPages == 0)
            return;
        for (uint i = NextUsed(0, FirstKernelRegion); i < FirstKernelRegion && hiddenPages != 0; i = NextUsed(i + 1, FirstKernelRegion))
        {
            Region* region = Regions + i;
            if (region->Large != 0 && (region->Large & EntryUser) == 0)
                DropRegions(i, i + 1);
            for (uint word = 0; word < 16 && region->Count != 0; word++)
            {
                for (ulong bits = region->Pages[word]; bits != 0; bits &= bits - 1)
                {
                    uint page = (i << 10) + (word << 6) + (uint)BitOperations.TrailingZeroCount(bits);
                    if ((MappedPages[page] & Supervisor) != 0)
                        Park(region, page);
                }
            }
        }
    }

    private static void Log(uint gva)
    {
        Machine* machine = This.Machine;
        bool upToDate = kernelLogSeen == machine->KernelLogEnd;
        machine->KernelLog[machine->KernelLogEnd & (Machine.KernelLogCapacity - 1)] = gva;
        machine->KernelLogEnd++;
        if (upToDate)
            kernelLogSeen = machine->KernelLogEnd;
    }

    private static void FlushOne(Vcpu* cpu, uint gva)
    {
        uint page = gva >> 12;
        Region* region = Regions + (gva >> 22);
        uint entry = DirectoryEntry(cpu, gva >> 22);
        if (region->Large != 0)
        {
            if (!Holds(region->Large, entry, large: true))
                DropRegions(gva >> 22, (gva >> 22) + 1);
            return;
        }
        if (MappedPages[page] == 0 || (MappedPages[page] & Parked) != 0)
            return;
        uint* table = Table(cpu, entry);
        Verdict verdict = table == null ? Verdict.Park : Judge(MappedPages[page], Combine(table[page & 1023], entry));
        if (verdict == Verdict.Park)
            Park(region, page);
        else if (verdict == Verdict.Protect)
            MappedPages[page] &= ~Writable;
        EndRun(verdict == Verdict.Protect ? verdict : Verdict.Keep, page, page + 1);
    }

    private static void Scan(Vcpu* cpu, uint first, uint end, bool globals)
    {
        for (uint i = NextUsed(first, end); i < end; i = NextUsed(i + 1, end))
        {
            Region* region = Regions + i;
            if (region->Large != 0)
            {
                if ((globals || (region->Large & EntryGlobal) == 0) && !Holds(region->Large, DirectoryEntry(cpu, i), large: true))
                    DropRegions(i, i + 1);
                continue;
            }
            if (region->Count == 0 || (!globals && region->NonGlobal == 0))
                continue;
            This.Count(Counter.TablesScanned);
            uint entry = DirectoryEntry(cpu, i);
            uint* table = Table(cpu, entry);
            ScanTable(region, i, table, entry, globals);
        }
    }

    // Pages that are to be parked, or to become read-only, and lie together do so in one call; what is parked already may lie between them.
    // Without a table all are parked.
    private static void ScanTable(Region* region, uint number, uint* table, uint entry, bool globals)
    {
        Verdict run = Verdict.Keep;
        uint runStart = 0, runEnd = 0;
        for (uint word = 0; word < 16; word++)
        {
            for (ulong bits = region->Pages[word]; bits != 0; bits &= bits - 1)
            {
                uint index = (word << 6) + (uint)BitOperations.TrailingZeroCount(bits), page = (number << 10) + index,
                    held = MappedPages[page];
                Verdict verdict = !globals && (held & Global) != 0
                    ? Verdict.Keep : table == null ? Verdict.Park
                    : Judge(held, Combine(table[index], entry));
                if (verdict == Verdict.Keep)
                    continue;
                if (verdict != run || (page != runEnd && (run != Verdict.Park || !AreParked(runEnd, page))))
                {
                    EndRun(run, runStart, runEnd);
                    run = verdict;
                    runStart = page;
                }
                runEnd = page + 1;
                if (verdict == Verdict.Park)
                    NoteParked(region, page);
                else if (verdict == Verdict.Protect)
                    MappedPages[page] = held & ~Writable;
            }
        }
        EndRun(run, runStart, runEnd);
    }

    private static bool AreParked(uint page, uint end)
    {
        while (page < end && (MappedPages[page] & Parked) != 0)
            page++;
        return page == end;
    }

    private static void EndRun(Verdict run, uint start, uint end)
    {
        if (run != Verdict.Keep)
            Protect(start, end - start, run == Verdict.Park ? Host.NoAccess : Host.ReadExecute);
    }

    private static void NoteParked(Region* region, uint page)
    {
        ulong bit = 1ul << (int)(page & 63);
        Forget(region, page);
        MappedPages[page] = (MappedPages[page] & Frame) | Present | Parked;
        region->Pages[page >> 6 & 15] &= ~bit;
        region->ParkedPages[page >> 6 & 15] |= bit;
        region->Count--;
        parkedPages++;
    }

    // A page that lost its right to be written, by a fork, is still good to read.
    private static Verdict Judge(uint held, uint entry)
    {
        if (Holds(held, entry, large: false))
            return Verdict.Keep;
        return Holds(held & ~Writable, entry, large: false) ? Verdict.Protect : Verdict.Park;
    }

    // Whether a mapping still does what the guest's entry says, and lets the CPU's accesses be noticed that the guest wants to notice.
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // once for each page of a scan
    private static bool Holds(uint held, uint entry, bool large)
    {
        uint frame = large ? LargeFrame : Frame;
        if ((entry & (EntryPresent | EntryAccessed)) != (EntryPresent | EntryAccessed) || ((held ^ entry) & frame) != 0
            || (large && (entry & EntryLarge) == 0))
            return false;
        if ((held & Writable) != 0 && (entry & (EntryWritable | EntryDirty)) != (EntryWritable | EntryDirty))
            return false;
        bool program = (entry & EntryUser) != 0;
        return large ? program == ((held & EntryUser) != 0) : program == ((held & Supervisor) == 0);
    }

    // The rights of both levels count (SDM vol. 3, 4.6).
    private static uint Combine(uint entry, uint directoryEntry) => entry & (directoryEntry | ~(EntryWritable | EntryUser));

    // The next region from one on of which something is, or was lately, mapped; the end if there is none.
    private static uint NextUsed(uint from, uint end)
    {
        while (from < end)
        {
            ulong bits = Used[from >> 6] >> (int)(from & 63);
            if (bits != 0)
                return from + (uint)BitOperations.TrailingZeroCount(bits);
            from = (from | 63) + 1;
        }
        return end;
    }

    private static uint DirectoryEntry(Vcpu* cpu, uint region)
    {
        uint directory = cpu->Cr3 & Frame;
        return directory < cpu->RamEnd ? ((uint*)(cpu->Ram + directory))[region] : 0;
    }

    private static uint* Table(Vcpu* cpu, uint entry)
    {
        bool table = (entry & EntryPresent) != 0 && (entry & Frame) < cpu->RamEnd
            && ((entry & EntryLarge) == 0 || (cpu->Cr4 & ControlBits.PageSizeExtension) == 0);
        return table ? (uint*)(cpu->Ram + (entry & Frame)) : null;
    }

    private static void Park(Region* region, uint page)
    {
        Protect(page, 1, Host.NoAccess);
        NoteParked(region, page);
    }

    private static void DropRegions(uint first, uint end)
    {
        bool any = false;
        for (uint i = NextUsed(first, end); i < end; i = NextUsed(i + 1, end))
            any |= Clear(Regions + i, i);
        if (!any)
            return;
        uint page = first == 0 ? Lowest >> 12 : first << 10;
        Remove(page, (end << 10) - page);
    }

    private static bool Clear(Region* region, uint number)
    {
        if (region->Large != 0)
        {
            if (number < FirstKernelRegion && (region->Large & EntryUser) == 0)
                hiddenPages--;
            if (number >= FirstKernelRegion && (region->Large & EntryGlobal) == 0)
                kernelNonGlobal--;
            region->Large = 0;
            Used[number >> 6] &= ~(1ul << (int)(number & 63));
            return true;
        }
        for (uint word = 0; word < 16; word++)
        {
            for (ulong bits = region->Pages[word]; bits != 0; bits &= bits - 1)
            {
                uint page = (number << 10) + (word << 6) + (uint)BitOperations.TrailingZeroCount(bits);
                Forget(region, page);
                MappedPages[page] = 0;
            }
            region->Pages[word] = 0;
        }
        ForgetParked(region, number);
        region->Count = region->NonGlobal = 0;
        Used[number >> 6] &= ~(1ul << (int)(number & 63));
        return true;
    }

    // Another mapping, or none, has taken their place.
    private static void ForgetParked(Region* region, uint number)
    {
        for (uint word = 0; word < 16; word++)
        {
            for (ulong bits = region->ParkedPages[word]; bits != 0; bits &= bits - 1)
            {
                MappedPages[(number << 10) + (word << 6) + (uint)BitOperations.TrailingZeroCount(bits)] = 0;
                parkedPages--;
            }
            region->ParkedPages[word] = 0;
        }
    }

    private static void Forget(Region* region, uint page)
    {
        if ((MappedPages[page] & Global) == 0)
        {
            region->NonGlobal--;
            if (page >= Layout.ProgramEnd >> 12)
                kernelNonGlobal--;
        }
        if ((MappedPages[page] & Supervisor) != 0 && page < Layout.ProgramEnd >> 12)
            hiddenPages--;
    }
}
