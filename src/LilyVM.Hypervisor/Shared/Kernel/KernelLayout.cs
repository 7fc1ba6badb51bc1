namespace LilyVM.Hypervisor.Shared.Kernel;

/// <summary>
/// The kernel hypervisor's part of the address space that it shares with the guest: above 4 GiB, where the guest's 32-bit code names
/// nothing, in the range that Linux leaves to hypervisors (Documentation/x86/x86_64/mm.rst). The kernel module maps all of it when a
/// machine is made. Nothing here is accessible to privilege levels 1 to 3.
/// </summary>
internal static class KernelLayout
{
    /// <summary>The image: <see cref="ImageHeader"/>, text, then data, which is private to each machine.</summary>
    public const ulong Image = 0xFFFF_8000_0000_0000;

    /// <summary>The <see cref="Engines.Kernel.KernelMachine"/>, where the image's data starts; text ends before it.</summary>
    public const ulong Machine = Image + 0x4_0000;

    /// <summary>The <see cref="SwitchContext"/>, which is mapped at its address in the host too.</summary>
    public const ulong Context = Image + 0x0100_0000;

    /// <summary>Pages of the block that starts with the <see cref="SwitchContext"/>; the switch stack is at its end.</summary>
    public const uint ContextPages = 4;

    /// <summary>Offsets in this block: the GDT in force while switching, and the IDT.</summary>
    public const uint TemporaryGdt = 0x800, TransitionalIdt = 0x1000, SwitchStackTop = ContextPages * 0x1000;

    /// <summary>The <see cref="RunRecord"/>, shared with the VM process, which may write it at any time.</summary>
    public const ulong RunRecord = Image + 0x0200_0000;

    /// <summary>Pages of the <see cref="RunRecord"/>.</summary>
    public const uint RunRecordPages = 4;

    /// <summary>The VM area as the guest sees it (docs/abi.md); the VM process puts the VM library there.</summary>
    public const ulong VmArea = Image + 0x0300_0000;

    /// <summary>Pages of the VM area: library, vCPU page, private pages.</summary>
    public const uint VmAreaPages = 21;

    /// <summary>Host physical addresses of the pages of the pool, 8 bytes each.</summary>
    public const ulong PoolFrames = Image + 0x0400_0000;

    /// <summary>Pages for shadow page tables, which the module adds when it is asked for more.</summary>
    public const ulong Pool = Image + 0x1000_0000;

    /// <summary>At most so many.</summary>
    public const uint MaxPoolPages = 4096;

    /// <summary>Interrupt vector of the VM library's calls; reserved by the architecture, so that no host interrupt uses it.</summary>
    public const uint HypercallVector = 0x16;

    /// <summary>For each entry of the pool 4 bytes: the guest's own entry that it was made from.</summary>
    public const ulong PoolOrigins = Image + 0x1400_0000;

    /// <summary>
    /// One page-table entry for each page of guest RAM: the page tables of <see cref="Ram"/>. Written by the module only; 0 while the host
    /// has not made the page present, or has taken it back.
    /// </summary>
    public const ulong Frames = Image + 0x2000_0000;

    /// <summary>The hypervisor's own notes about pages of guest RAM, <see cref="NoteSize"/> bytes each, zero at the start.</summary>
    public const ulong Notes = Image + 0x3000_0000;

    /// <summary>Bytes of a note.</summary>
    public const uint NoteSize = 32;

    /// <summary>Guest RAM. A page that is not present is asked for by <see cref="HostService.GuestPage"/>.</summary>
    public const ulong Ram = Image + 0x1_0000_0000;

    /// <summary>Guest RAM at most.</summary>
    public const ulong MaxRam = RamHole.Start;

    /// <summary>
    /// Selectors of the hypervisor's own GDT entries; all others are copies of the guest's. TSS and LDT take two entries. <see
    /// cref="TemporaryGdt"/> has the first two at the same place, and ends within its page.
    /// </summary>
    public const uint Code = 0x780, Data = 0x788, Task = 0x790, Ldt = 0x7A0;

    /// <summary>
    /// Flat segments of privilege level 1, in place of a guest's CS, SS, DS or ES whose descriptor is no longer one that could be loaded:
    /// at the start, and where the guest wrote over it.
    /// </summary>
    public const uint FlatCode = 0x7B0, FlatData = 0x7B8;

    /// <summary>
    /// What ES, CS, SS, DS, FS and GS (by their numbers) were loaded with, where the guest's own selector means something else now: see
    /// HiddenParts.
    /// </summary>
    public const uint Hidden = 0x7C0, OwnEnd = 0x7F0;

    /// <summary>Limit of the GDT: as many entries as the guest may have.</summary>
    public const uint GdtLimit = 0xFFFF;
}
