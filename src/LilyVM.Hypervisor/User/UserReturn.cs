using LilyVM.Abi;
using LilyVM.Hypervisor.Mmu;

namespace LilyVM.Hypervisor.User;

/// <summary>
/// The most frequent hypercall: IRET to a guest program that has the same selectors as the last one this stub entered, with descriptors that did not
/// change since, word for word. Everything about them was checked then, so only what differs each time is done. Whatever does not fit is left to
/// <see cref="FarTransfers.Iret"/>.
/// </summary>
internal static unsafe class UserReturn
{
    private const uint FrameBytes = 20;

    // Selectors and descriptors of the program entered last; code 0 means that nothing is known. DS and ES are equal to SS, and FS is empty.
    private static uint codeSelector, dataSelector, gsSelector;
    private static ulong code, data, gs;

    /// <summary>Whether the vCPU's words still are what <see cref="TryIret"/> compared, so that <see cref="RealSegments"/> need not.</summary>
    public static bool IsPrepared;

    /// <summary>A program is being entered with all checks done: remembers what was true.</summary>
    public static void Remember(Vcpu* cpu)
    {
        VcpuPage* page = cpu->Page;
        codeSelector = 0;
        if (IsNull(page->Ss) || page->Ds != page->Ss || page->Es != page->Ss || page->Fs != 0 || ((page->Cs | page->Ss | page->Gs) & 4) != 0)
            return;
        dataSelector = page->Ss;
        gsSelector = page->Gs;
        ulong one, two, three = 0;
        if (!Read(cpu, page->Cs, &one) || !Read(cpu, dataSelector, &two) || (!IsNull(gsSelector) && !Read(cpu, gsSelector, &three)))
            return;
        codeSelector = page->Cs;
        code = one;
        data = two;
        gs = three;
    }

    /// <summary>A copy of a descriptor in the host's LDT was changed.</summary>
    public static void Forget() => codeSelector = 0;

    /// <summary>IRET with its frame at ESP, at privilege level 0; false if nothing was done.</summary>
    public static bool TryIret(Vcpu* cpu)
    {
        VcpuPage* page = cpu->Page;
        byte* place = SoftwareTlb.Find(&cpu->Tlb, cpu->Esp, AccessFlags.Read);
        if (place == null || (cpu->Esp & 0xFFF) > 0x1000 - FrameBytes)
            return false;
        uint* frame = (uint*)place;
        uint selector = codeSelector;
        if (selector == 0 || frame[1] != selector || frame[4] != dataSelector || (frame[2] & Eflags.Virtual8086) != 0 || (cpu->VirtualFlags & Eflags.NestedTask) != 0
            || page->Ds != dataSelector || page->Es != dataSelector || page->Fs != 0 || page->Gs != gsSelector)
            return false;
        ulong now;
        if (!Read(cpu, selector, &now) || now != code || !Read(cpu, dataSelector, &now) || now != data || (!IsNull(gsSelector) && (!Read(cpu, gsSelector, &now) || now != gs)))
            return false;
        cpu->Eip = frame[0];
        cpu->Esp = frame[3];
        page->Cs = selector;
        page->Ss = dataSelector;
        Eflags.Set(cpu, frame[2], 0);
        cpu->Cpl = 3;
        IsPrepared = true;
        return true;
    }

    private static bool IsNull(uint selector) => (selector & 0xFFFC) == 0;

    private static bool Read(Vcpu* cpu, uint selector, ulong* descriptor) =>
        (selector | 7) <= cpu->Page->GdtLimit && GuestMemory.Read64(cpu, cpu->Page->GdtBase + (selector & 0xFFF8), AccessFlags.Read, descriptor);
}
