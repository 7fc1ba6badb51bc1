using System.Runtime.InteropServices;

namespace LilyVM.Abi;

/// <summary>
/// The page at <see cref="VmArea.Vcpu"/> that the converted kernel, the VM library and the engine share. The guest can write all of it, so
/// engines trust nothing here: a wrong value may hurt the guest only.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct VcpuPage
{
    /// <summary>
    /// The virtual interrupt flag at its place in EFLAGS (bit 9). Readers test that bit alone: inline <c>popf</c> stores a whole flags word
    /// here for one instruction before it masks it.
    /// </summary>
    public uint InterruptFlag;

    /// <summary>
    /// Not zero when an interrupt waits for <see cref="InterruptFlag"/>: whoever sets the flag then calls <c>deliver</c>.
    /// </summary>
    public uint Pending;

    /// <summary><see cref="VmArea.AbiVersion"/> of the engine.</summary>
    public uint AbiVersion;

    /// <summary>The library image in use (<see cref="LibraryImage"/>).</summary>
    public uint Image;

    /// <summary>Control register 0 as the guest last wrote it.</summary>
    public uint Cr0;

    /// <summary>Address of the last page fault reported to the guest (CR2).</summary>
    public uint Cr2;

    /// <summary>Guest physical address of the guest's page directory, with flag bits (CR3).</summary>
    public uint Cr3;

    /// <summary>Control register 4 as the guest last wrote it.</summary>
    public uint Cr4;

    /// <summary>Virtual ES: the selector the guest believes it loaded.</summary>
    public uint Es;

    /// <summary>Virtual CS, RPL as the guest expects it.</summary>
    public uint Cs;

    /// <summary>Virtual SS.</summary>
    public uint Ss;

    /// <summary>Virtual DS.</summary>
    public uint Ds;

    /// <summary>Virtual FS.</summary>
    public uint Fs;

    /// <summary>Virtual GS.</summary>
    public uint Gs;

    /// <summary>Linear address of the guest's GDT.</summary>
    public uint GdtBase;

    /// <summary>Limit of the guest's GDT in bytes, less one.</summary>
    public uint GdtLimit;

    /// <summary>Linear address of the guest's IDT.</summary>
    public uint IdtBase;

    /// <summary>Limit of the guest's IDT in bytes, less one.</summary>
    public uint IdtLimit;

    /// <summary>The guest's LDT selector.</summary>
    public uint Ldtr;

    /// <summary>The guest's task register.</summary>
    public uint Tr;

    /// <summary>
    /// Return address of the last <c>iret</c>, <c>lret</c> or far jump that the library executed, for
    /// <see cref="RecoveryKind.ReturnAddressInVcpuPage"/>.
    /// </summary>
    public uint IretSite;
}
