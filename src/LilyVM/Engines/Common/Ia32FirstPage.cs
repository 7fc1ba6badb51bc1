using LilyVM.Abi;

namespace LilyVM.Engines;

/// <summary>The vCPU page of an IA-32 guest at its first instruction: in protected mode, unpaged, without an IDT.</summary>
internal static unsafe class Ia32FirstPage
{
    private const uint ProtectedMode = 0x11; // CR0.PE and ET

    /// <summary>Fills it. Safe: the page lies in memory of the caller's, which the guest does not run in yet.</summary>
    internal static void Fill(VcpuPage* page, LibraryImage image, in StartState start)
    {
        page->AbiVersion = VmArea.AbiVersion;
        page->Image = (uint)image;
        page->Cr0 = ProtectedMode;
        page->Cs = start.Selectors.Code;
        page->Ss = page->Ds = page->Es = start.Selectors.Data;
        page->IdtLimit = 0;
    }
}
