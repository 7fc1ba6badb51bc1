using System.Runtime.InteropServices;

namespace LilyVM.Abi.X64;

/// <summary>
/// The page at <see cref="VmArea.Vcpu"/> that the converted kernel, the VM library and the engine share. Inline forms read all of it and
/// write the flags, <see cref="Pending"/>'s neighbour fields never, <see cref="Swapped"/> and <see cref="TransferSite"/>. The guest can
/// write all of it, so engines trust nothing here: a wrong value may hurt the guest only.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct VcpuPage
{
    /// <summary>
    /// RFLAGS as PUSHF shows it where the arithmetic flags do not matter: bit 1 is set, bit 9 is the virtual interrupt flag.
    /// </summary>
    public ulong Flags;

    /// <summary>Not zero when an interrupt waits for the interrupt flag: whoever sets the flag then calls <c>deliver</c>.</summary>
    public ulong Pending;

    /// <summary><see cref="VmArea.AbiVersion"/> of the engine.</summary>
    public ulong AbiVersion;

    /// <summary>The library image in use (<see cref="LibraryImage"/>).</summary>
    public ulong Image;

    /// <summary>Control register 0 as the guest last wrote it.</summary>
    public ulong Cr0;

    /// <summary>Address of the last page fault reported to the guest (CR2).</summary>
    public ulong Cr2;

    /// <summary>Guest physical address of the guest's root page table, with flag bits (CR3).</summary>
    public ulong Cr3;

    /// <summary>Control register 4 as the guest last wrote it.</summary>
    public ulong Cr4;

    /// <summary>Task priority (CR8).</summary>
    public ulong Cr8;

    /// <summary>Debug register 0.</summary>
    public ulong Dr0;

    /// <summary>Debug register 1.</summary>
    public ulong Dr1;

    /// <summary>Debug register 2.</summary>
    public ulong Dr2;

    /// <summary>Debug register 3.</summary>
    public ulong Dr3;

    /// <summary>Debug register 6, and 4.</summary>
    public ulong Dr6;

    /// <summary>Debug register 7, and 5.</summary>
    public ulong Dr7;

    /// <summary>Virtual ES: the selector the guest believes it loaded. The upper bits of all six are zero.</summary>
    public ulong Es;

    /// <summary>Virtual CS.</summary>
    public ulong Cs;

    /// <summary>Virtual SS.</summary>
    public ulong Ss;

    /// <summary>Virtual DS.</summary>
    public ulong Ds;

    /// <summary>Virtual FS.</summary>
    public ulong Fs;

    /// <summary>Virtual GS.</summary>
    public ulong Gs;

    /// <summary>Low byte not zero: SWAPGS was executed an odd number of times, so the two GS bases stand for each other.</summary>
    public ulong Swapped;

    /// <summary>
    /// Address of the last instruction that leaves without a return address (IRET, SYSRET, far RET): a fault of it is reported there, see
    /// <see cref="RecoveryKind.ReturnAddressInVcpuPage"/>.
    /// </summary>
    public ulong TransferSite;

    /// <summary>Linear address of the guest's IDT.</summary>
    public ulong IdtBase;

    /// <summary>Limit of the guest's IDT in bytes, less one.</summary>
    public ulong IdtLimit;
}
