using System.Numerics;
using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Mmu;

/// <summary>
/// Translations that the core made for itself, remembered until the guest flushes, as the CPU's TLB does. Each page has one place (<see
/// cref="Place"/>). An entry is the page with the accesses it allows, and the host's address of the page.
/// </summary>
internal unsafe struct SoftwareTlb
{
    /// <summary>In what <see cref="Add"/> is told: the guest's tables call the page global; it is a piece of a large page.</summary>
    public const uint Global = PageWalk.Global, Large = PageWalk.Large;

    private const uint Size = 64, Valid = 1;
    private const Word Frame = ~(Word)0xFFF;

    private fixed ulong entries[(int)Size * 2];
    private ulong used, global; // a bit for each entry that is valid, and for each that is global: forgetting costs what is forgotten
    private ulong largeRegions; // a bit for the large pages of which pieces may be known, by their number's lowest bits

    /// <summary>Counts what made it forget something: what was true of an address before may not be any more.</summary>
    public uint Flushes;

    /// <summary>The host's address of a byte; null if the translation is not known for this access.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Find(SoftwareTlb* tlb, Word gva, uint access)
    {
        ulong* entry = tlb->entries + Place(gva) * 2;
        Word tag = (Word)(*entry);
        return ((tag ^ gva) & Frame) == 0 && ((access | Valid) & ~tag) == 0 ? (byte*)entry[1] + (gva & ~Frame) : null;
    }

    /// <summary>Remembers the host's address of a page.</summary>
    /// <param name="tlb">The TLB.</param>
    /// <param name="gva">Any address in the page.</param>
    /// <param name="allowed">Bits of <see cref="AccessFlags"/>.</param>
    /// <param name="page">First byte of the page.</param>
    public static void Add(SoftwareTlb* tlb, Word gva, uint allowed, byte* page)
    {
        uint number = Place(gva);
        ulong* entry = tlb->entries + number * 2;
        ulong bit = 1ul << (int)number;
        tlb->used |= bit;
        if ((allowed & Large) != 0)
            tlb->largeRegions |= Region(gva);
        tlb->global = (allowed & Global) != 0 ? tlb->global | bit : tlb->global & ~bit;
        entry[0] = (gva & Frame) | allowed | Valid;
        entry[1] = (ulong)page;
    }

    /// <summary>Forgets all, or all that is not global.</summary>
    public static void Flush(SoftwareTlb* tlb, bool keepGlobal)
    {
        tlb->Flushes++;
        if (!keepGlobal)
            tlb->largeRegions = 0;
        for (ulong bits = keepGlobal ? tlb->used & ~tlb->global : tlb->used; bits != 0; bits &= bits - 1)
            Forget(tlb, BitOperations.TrailingZeroCount(bits));
    }

    /// <summary>Forgets the page of an address, all pieces of a large one (SDM vol. 3, 4.10.4.1).</summary>
    public static void FlushPage(SoftwareTlb* tlb, Word gva)
    {
        tlb->Flushes++;
        Forget(tlb, (int)Place(gva));
        if ((tlb->largeRegions & Region(gva)) == 0)
            return;
        for (ulong bits = tlb->used; bits != 0; bits &= bits - 1)
        {
            int number = BitOperations.TrailingZeroCount(bits);
            if ((((Word)tlb->entries[number * 2] ^ gva) & PageWalk.LargeFrame) == 0)
                Forget(tlb, number);
        }
    }

    /// <summary>
    /// An entry or exit of a guest kernel needs half a dozen pages: of the program its stack, of the kernel tables and stack. In one place
    /// they would push each other out each time, for three walks a system call. So the gigabyte where kernels are has half of the places,
    /// and higher bits of an address count.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Place(Word gva) => ((uint)(gva >> 12 ^ gva >> 18) & Size / 2 - 1) | Architecture.IsKernels(gva) * (Size / 2);

    private static ulong Region(Word gva) => 1ul << (int)(gva >> PageWalk.LargeShift & 63);

    private static void Forget(SoftwareTlb* tlb, int number)
    {
        tlb->entries[number * 2] = 0;
        tlb->used &= ~(1ul << number);
    }
}
