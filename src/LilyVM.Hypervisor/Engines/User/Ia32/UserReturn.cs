using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// The most frequent hypercall: IRET to a guest program that has the same selectors as the last one this stub entered, with descriptors
/// that did not change since, word for word. Everything about them was checked then, so only what differs each time is done. Whatever does
/// not fit is left to <see cref="FarTransfers.Iret"/>. Safe: a frame is read where the page walk found guest RAM.
/// </summary>
internal static unsafe class UserReturn
{
    private const uint FrameBytes = 20;

    // Bits of selectors of the GDT whose copies in the LDT have the same index.
    private const uint Direct = (LdtPlaces.Own - 1) * 8 + 3;

    // Selectors and descriptors of the program entered last; code 0 means that nothing is known. DS and ES are equal to SS, and FS is
    // empty.
    private static uint codeSelector, dataSelector, gsSelector;
    private static uint flushes, gdtBase, gdtLimit; // what the places of the descriptors depend on
    private static KnownWords code, data, gs;

    /// <summary>
    /// Whether the vCPU's words still are what <see cref="TryIret"/> compared, so that <see cref="RealSegments"/> need not.
    /// </summary>
    public static bool IsPrepared;

    /// <summary>A program is being entered with all checks done: remembers what was true.</summary>
    public static void Remember(Vcpu* cpu)
    {
        VcpuPage* page = cpu->Page;
        codeSelector = 0;
        if (IsNull(page->Ss) || page->Ds != page->Ss || page->Es != page->Ss || page->Fs != 0
            || ((page->Cs | page->Ss | page->Gs) & ~Direct) != 0)
            return;
        dataSelector = page->Ss;
        gsSelector = page->Gs;
        gdtBase = page->GdtBase;
        gdtLimit = page->GdtLimit;
        // A null selector's descriptor is the table's first, which the CPU does not use; it may be known all the same.
        if (Learn(cpu, ref code, page->Cs) && Learn(cpu, ref data, dataSelector) && Learn(cpu, ref gs, gsSelector))
            codeSelector = page->Cs;
        flushes = cpu->Tlb.Flushes;
    }

    /// <summary>A copy of a descriptor in the host's LDT was changed.</summary>
    public static void Forget() => codeSelector = 0;

    /// <summary>IRET with its frame at ESP, at privilege level 0; false if nothing was done.</summary>
    public static bool TryIret(Vcpu* cpu)
    {
        VcpuPage* page = cpu->Page;
        byte* place = SoftwareTlb.Find(&cpu->Tlb, cpu->Sp, AccessFlags.Read);
        if (place == null || (cpu->Sp & 0xFFF) > 0x1000 - FrameBytes)
            return false;
        uint* frame = (uint*)place;
        uint selector = codeSelector;
        if (selector == 0 || frame[1] != selector || frame[4] != dataSelector || (frame[2] & Flags.Virtual8086) != 0
            || (cpu->VirtualFlags & Flags.NestedTask) != 0
            || page->Ds != dataSelector || page->Es != dataSelector || page->Fs != 0 || page->Gs != gsSelector)
            return false;
        if (gdtBase != page->GdtBase || gdtLimit != page->GdtLimit || (flushes != cpu->Tlb.Flushes && !FindAgain(cpu)) || !code.Hold
            || !data.Hold || !gs.Hold)
            return false;
        cpu->Ip = frame[0];
        cpu->Sp = frame[3];
        page->Cs = selector;
        page->Ss = dataSelector;
        Flags.Set(cpu, frame[2], 0);
        cpu->Cpl = 3;
        IsPrepared = true;
        return true;
    }

    private static bool IsNull(uint selector) => (selector & 0xFFFC) == 0;

    private static bool FindAgain(Vcpu* cpu)
    {
        bool all = code.Find(cpu, gdtBase, gdtLimit, codeSelector & 0xFFF8) && data.Find(cpu, gdtBase, gdtLimit, dataSelector & 0xFFF8)
            && gs.Find(cpu, gdtBase, gdtLimit, gsSelector & 0xFFF8);
        if (all)
            flushes = cpu->Tlb.Flushes;
        return all;
    }

    private static bool Learn(Vcpu* cpu, ref KnownWords descriptor, uint selector) =>
        descriptor.Learn(cpu, gdtBase, gdtLimit, selector & 0xFFF8);
}
