using System.Numerics;
using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>What came of an attempt to map.</summary>
internal enum MapResult : uint
{
    /// <summary>The guest may try again.</summary>
    Mapped,

    /// <summary>The guest's tables do not allow it: <see cref="Vcpu.Fault"/>.</summary>
    Fault,

    /// <summary>There is no RAM at <see cref="AddressSpace.DeviceAddress"/>.</summary>
    Device,

    /// <summary>Something else lies there: the VM library, while the guest is unpaged.</summary>
    Unmappable,

    /// <summary>The host does not allow mappings there: <see cref="AddressSpace.MoveUp"/>.</summary>
    TooLow,
}

/// <summary>
/// The guest addresses that this stub has mapped: pieces of guest RAM, placed by mmap as the guest's page tables say at a guest's page
/// fault. It is a TLB in software: what the guest's tables say now counts only after a flush, when all that is mapped is compared with them
/// (the paper's scan). Regions are the 4 MiB that one page directory entry covers.
/// </summary>
internal static unsafe partial class AddressSpace
{
    private const uint PageSize = 0x1000, FirstKernelRegion = Layout.ProgramEnd >> 22, EndRegion = VmArea.Base >> 22;
    private const int MaxAround = 64;          // pages mapped at a fault of a program at most, itself included

    // A word of MappedPages: the guest physical page, and how it is mapped. 0: not mapped.
    // A parked page keeps its place in the host's tables, without any right: it is cheaper to give it back than to map it anew.
    private const uint Present = 1, Writable = 2, Supervisor = 4, Parked = 8, Global = 0x100;

    // Bits of the guest's entries (SDM vol. 3, table 4-6).
    private const uint EntryPresent = 1, EntryWritable = 2, EntryUser = 4, EntryAccessed = 0x20, EntryDirty = 0x40, EntryLarge = 0x80,
        EntryGlobal = 0x100;

    private const uint LargeFrame = 0xFFC0_0000, Frame = 0xFFFF_F000;

    /// <summary>One region.</summary>
    private struct Region
    {
        /// <summary>One bit for each page that is mapped by itself, and for each that is parked.</summary>
        public fixed ulong Pages[16], ParkedPages[16];

        /// <summary>How many bits are set, and how many of these pages are not global.</summary>
        public uint Count, NonGlobal;

        /// <summary>The directory entry, if the whole region is one 4 MiB page; otherwise 0.</summary>
        public uint Large;

        private readonly uint padding;
    }

    // Pages below the kernel that are mapped but not for programs.
    private static uint hiddenPages;

    // Pages that are parked. A stub that served many programs would collect them without end.
    private static uint parkedPages;
    private const uint MaxParkedPages = 1024;

    // Kernel mappings that are not global.
    private static uint kernelNonGlobal;
    private static bool unpaged, alias;

    /// <summary>With <see cref="MapResult.Device"/>: the guest physical address.</summary>
    public static uint DeviceAddress;

    private static uint* MappedPages => (uint*)Layout.MappedPages;

    private static Region* Regions => (Region*)(Layout.MappedPages + (4ul << 20));

    /// <summary>One bit for each region of which something is mapped.</summary>
    private static ulong* Used => (ulong*)(Regions + 1024);

    /// <summary>Bytes at <see cref="Layout.MappedPages"/>.</summary>
    public static ulong MappedPagesSize => (4ul << 20) + 1024ul * (ulong)sizeof(Region) + 1024 / 8;

    /// <summary>Maps what an access of the guest needs, if the guest's tables allow the access.</summary>
    public static MapResult Map(Vcpu* cpu, uint gva, uint access)
    {
        if ((cpu->Cr0 & ControlBits.Paging) == 0)
            return MapUnpaged(cpu, gva);
        Translation translation;
        if (gva >= VmArea.Base)
        {
            cpu->Fault.Vector = Vectors.PageFault;
            cpu->Fault.ErrorCode = access & (AccessFlags.Write | AccessFlags.User);
            cpu->Fault.Address = gva;
            return MapResult.Fault;
        }
        if (!PageWalk.Walk(cpu, gva, access, &translation))
            return MapResult.Fault;
        if (translation.Gpa >= cpu->RamEnd)
        {
            DeviceAddress = translation.Gpa;
            return MapResult.Device;
        }
        if (gva < Lowest)
            return MapResult.TooLow;
        // With CR0.WP clear the kernel writes to read-only pages too.
        bool writable = translation.Dirty && (translation.Writable || (access & AccessFlags.Write) != 0);
        if (translation.Large && (translation.Gpa & LargeFrame) + ~LargeFrame < cpu->RamEnd)
            return MapLarge(cpu, gva, translation.Pde, writable);
        return MapPages(cpu, gva, &translation, writable);
    }

    private static MapResult MapPages(Vcpu* cpu, uint gva, Translation* translation, bool writable)
    {
        uint page = gva >> 12, gpa = translation->Gpa & Frame;
        uint word = gpa | Present | (writable ? Writable : 0) | (translation->User ? 0 : Supervisor) | (translation->Global ? Global : 0);
        Region* region = Regions + (gva >> 22);
        if (region->Large != 0)
            DropRegions(gva >> 22, (gva >> 22) + 1);
        uint old = MappedPages[page];
        if (old != 0 && ((old ^ word) & Frame) == 0)
        {
            if ((old & Parked) != 0)
            {
                Unpark(cpu, page, translation, word & ~Frame);
            }
            else if (((old ^ word) & Writable) != 0)
            {
                Protect(page, 1, Rights(word));
                MappedPages[page] = (old & ~Writable) | (word & Writable);
            }
            return MapResult.Mapped;
        }
        // Neighbours whose entries are alike and whose pages lie side by side come along in the same mapping.
        uint first = page, end = page + 1;
        if (!translation->Large)
        {
            uint limit = MostAround(page);
            uint* table = (uint*)(cpu->Ram + (translation->Pde & Frame));
            uint entry = table[page & 1023];
            while ((end & 1023) != 0 && end - first < limit && Alike(table[end & 1023], entry, end - page)
                && MayJoin(end, gpa + (end - page) * PageSize))
                end++;
            while ((first & 1023) != 0 && first != Lowest >> 12 && end - first < limit
                && Alike(table[(first - 1) & 1023], entry, first - 1 - page)
                && MayJoin(first - 1, gpa - (page - first + 1) * PageSize))
                first--;
            // All of it must be RAM.
            uint before = page - first, behind = end - page;
            if ((ulong)gpa + (ulong)behind * PageSize > cpu->RamEnd || before * PageSize > gpa)
                (first, end) = (page, page + 1);
        }
        uint start = gpa - (page - first) * PageSize;
        nint result = PlaceInWindows(first, end - first, start, writable);
        if (result != 0)
        {
            if (result != Host.NoMemory)
                Failure.Report(FailureCode.MapFailed, gva, (ulong)-result);
            // Too many mappings (vm.max_map_count): begin anew.
            DropRegions(0, FirstKernelRegion);
            (first, end, start) = (page, page + 1, gpa);
            if (Place(Layout.RamFile, page, 1, gpa, writable) != 0)
                Failure.Report(FailureCode.MapFailed, gva, (ulong)-result);
        }
        for (uint i = first; i < end; i++, start += PageSize)
            Note(region, i, start | (word & ~Frame));
        return MapResult.Mapped;
    }

    // Gives a page its rights back, and those around it whose entries are as good and name the frames that are still there: in one call,
    // however many mappings they are.
    private static void Unpark(Vcpu* cpu, uint page, Translation* translation, uint flags)
    {
        uint first = page, end = page + 1;
        if (!translation->Large)
        {
            const uint Same = EntryUser | EntryGlobal;
            uint limit = MostAround(page);
            uint set = EntryPresent | EntryAccessed | ((flags & Writable) != 0 ? EntryWritable | EntryDirty : 0);
            uint* table = (uint*)(cpu->Ram + (translation->Pde & Frame));
            uint entry = set | (table[page & 1023] & Same);
            while ((end & 1023) != 0 && end - first < limit && MayReturn(end, table[end & 1023], set | Same, entry))
                end++;
            while ((first & 1023) != 0 && end - first < limit && MayReturn(first - 1, table[(first - 1) & 1023], set | Same, entry))
                first--;
        }
        Protect(first, end - first, Rights(flags));
        for (uint i = first; i < end; i++)
            Note(Regions + (page >> 10), i, (MappedPages[i] & Frame) | flags);
    }

    private static bool MayReturn(uint page, uint entry, uint mask, uint wanted)
    {
        uint held = MappedPages[page];
        return (held & Parked) != 0 && (entry & mask) == wanted && ((held ^ entry) & Frame) == 0;
    }

    private static uint MostAround(uint page) => page >= Layout.ProgramEnd >> 12 ? 1024u : MaxAround;

    // Whether a neighbour needs the same mapping: it has none, or it is parked with another frame.
    private static bool MayJoin(uint page, uint frame)
    {
        uint held = MappedPages[page];
        return held == 0 || ((held & Parked) != 0 && (held & Frame) != frame);
    }

    // Whether a neighbour's entry is the same but for the frame, which continues.
    private static bool Alike(uint other, uint entry, uint distance)
    {
        const uint Kind = EntryPresent | EntryWritable | EntryUser | EntryAccessed | EntryDirty | EntryGlobal;
        return other == 0 ? false : ((other ^ entry) & Kind) == 0 && (other & Frame) == (entry & Frame) + distance * PageSize;
    }

    private static MapResult MapLarge(Vcpu* cpu, uint gva, uint entry, bool writable)
    {
        const uint Kind = EntryPresent | EntryWritable | EntryUser | EntryAccessed | EntryDirty | EntryLarge | EntryGlobal;
        uint at = gva >> 22, first = at, end = at + 1;
        uint* directory = (uint*)(cpu->Ram + (cpu->Cr3 & Frame));
        uint word = (entry & ~(Writable | (uint)Frame & ~LargeFrame)) | (writable ? Writable : 0);
        if (Regions[at].Large != 0 && ((Regions[at].Large ^ word) & (LargeFrame | Writable)) == 0)
            return MapResult.Mapped;
        if (Regions[at].Large != 0 || Regions[at].Count != 0)
            DropRegions(at, at + 1);
        while (end < EndRegion && IsFree(end) && ((directory[end] ^ entry) & Kind) == 0
            && (directory[end] & LargeFrame) == (entry & LargeFrame) + ((end - at) << 22)
            && (ulong)(directory[end] & LargeFrame) + (1 << 22) <= cpu->RamEnd)
            end++;
        while (first > 0 && IsFree(first - 1) && ((directory[first - 1] ^ entry) & Kind) == 0
            && (directory[first - 1] & LargeFrame) + ((at - first + 1) << 22) == (entry & LargeFrame))
            first--;
        uint missing = first == 0 ? Lowest >> 12 : 0; // pages
        if (Place(Layout.RamFile, (first << 10) + missing, ((end - first) << 10) - missing,
            (entry & LargeFrame) - ((at - first) << 22) + (missing << 12), writable) != 0)
            Failure.Report(FailureCode.MapFailed, gva, 0);
        for (uint i = first; i < end; i++)
        {
            Regions[i].Large = (word & ~LargeFrame) | ((entry & LargeFrame) + ((i - at) << 22));
            ForgetParked(Regions + i, i);
            Used[i >> 6] |= 1ul << (int)(i & 63);
            if ((entry & EntryUser) == 0 && i < FirstKernelRegion)
                hiddenPages++;
            if ((entry & EntryGlobal) == 0 && i >= FirstKernelRegion)
                kernelNonGlobal++;
        }
        return MapResult.Mapped;
    }

    private static bool IsFree(uint region) => Regions[region].Large == 0 && Regions[region].Count == 0;

    // Without paging all of RAM lies at its physical address, but for the lowest part, if the host allows no mapping there, and the
    // library's alias.
    private static MapResult MapUnpaged(Vcpu* cpu, uint gva)
    {
        if (gva >= cpu->RamEnd)
        {
            DeviceAddress = gva;
            return MapResult.Device;
        }
        if (gva < Lowest)
            return MapResult.TooLow;
        if (unpaged)
            return MapResult.Unmappable; // the alias, over RAM
        unpaged = true;
        const uint AliasEnd = VmArea.UnpagedAlias + VmArea.LibrarySize;
        PlaceSame(Lowest, cpu->RamEnd < VmArea.UnpagedAlias ? cpu->RamEnd : VmArea.UnpagedAlias);
        if (cpu->RamEnd > AliasEnd)
            PlaceSame(AliasEnd, cpu->RamEnd);
        return MapResult.Mapped;
    }

    private static void PlaceSame(uint start, uint end) => Place(Layout.RamFile, start >> 12, (end - start) >> 12, start, true);

    private static void Note(Region* region, uint page, uint word)
    {
        ulong bit = 1ul << (int)(page & 63);
        if ((region->Pages[page >> 6 & 15] & bit) != 0)
        {
            Forget(region, page);
        }
        else
        {
            region->Pages[page >> 6 & 15] |= bit;
            region->Count++;
            Used[page >> 16] |= 1ul << (int)(page >> 10 & 63);
        }
        if ((MappedPages[page] & Parked) != 0)
        {
            region->ParkedPages[page >> 6 & 15] &= ~bit;
            parkedPages--;
        }
        MappedPages[page] = word;
        if ((word & Global) == 0)
        {
            region->NonGlobal++;
            if (page >= Layout.ProgramEnd >> 12)
                kernelNonGlobal++;
        }
        if ((word & Supervisor) != 0 && page < Layout.ProgramEnd >> 12)
            hiddenPages++;
    }
}
