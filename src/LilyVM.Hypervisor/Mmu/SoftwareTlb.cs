using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Mmu;

/// <summary>
/// Translations that the core made for itself, remembered until the guest flushes, as the CPU's TLB does: direct-mapped by page number. An entry is the
/// page with the accesses it allows, and the host's address of the page.
/// </summary>
internal unsafe struct SoftwareTlb
{
    private const uint Size = 64, Valid = 1, Frame = 0xFFFF_F000;

    private fixed ulong entries[(int)Size * 2];

    /// <summary>The host's address of a byte; null if the translation is not known for this access.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Find(SoftwareTlb* tlb, uint gva, uint access)
    {
        ulong* entry = tlb->entries + (gva >> 12 & Size - 1) * 2;
        uint tag = (uint)*entry;
        return ((tag ^ gva) & Frame) == 0 && ((access | Valid) & ~tag) == 0 ? (byte*)entry[1] + (gva & ~Frame) : null;
    }

    /// <summary>Remembers the host's address of a page.</summary>
    /// <param name="tlb">The TLB.</param>
    /// <param name="gva">Any address in the page.</param>
    /// <param name="allowed">Bits of <see cref="AccessFlags"/>.</param>
    /// <param name="page">First byte of the page.</param>
    public static void Add(SoftwareTlb* tlb, uint gva, uint allowed, byte* page)
    {
        ulong* entry = tlb->entries + (gva >> 12 & Size - 1) * 2;
        entry[0] = (gva & Frame) | allowed | Valid;
        entry[1] = (ulong)page;
    }

    /// <summary>Forgets all.</summary>
    public static void Flush(SoftwareTlb* tlb)
    {
        for (uint i = 0; i < Size * 2; i += 2)
            tlb->entries[i] = 0;
    }

    /// <summary>Forgets the page of an address. All 4 MiB around it: they may be one page, of which several pieces are known (SDM vol. 3, 4.10.4.1).</summary>
    public static void FlushPage(SoftwareTlb* tlb, uint gva)
    {
        for (uint i = 0; i < Size * 2; i += 2)
        {
            if ((((uint)tlb->entries[i] ^ gva) & PageWalk.LargeFrame) == 0)
                tlb->entries[i] = 0;
        }
    }
}
