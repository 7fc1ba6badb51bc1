using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Shared.Kernel;

/// <summary>
/// What the world switch saves and loads, and what module and hypervisor tell each other. Only they can write here. Both sides are
/// coroutines: the module enters at <see cref="Entry"/>, which goes on where the hypervisor last left by <see cref="Leave"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SwitchContext
{
    /// <summary>The host's registers while the hypervisor runs, saved by the world switch.</summary>
    public ulong HostRsp, HostCr3, HostCr4, HostCr0, HostFsBase, HostGsBase, HostDr7, HostEfer, HostSysenterCs;

    /// <summary>As SGDT and SIDT store them: limit (2 bytes), base (8 bytes).</summary>
    public fixed byte HostGdtr[16], HostIdtr[16];

    /// <summary>The host's selectors.</summary>
    public ushort HostTr, HostLdtr, HostDs, HostEs, HostFs, HostGs, HostSs, HostCs;

    /// <summary>Control registers for the hypervisor; set by the module, CR4 and CR0 before each entry.</summary>
    public ulong OwnCr3, OwnCr4, OwnCr0;

    /// <summary>As LGDT and LIDT load them: the hypervisor's tables, and those in force while switching.</summary>
    public fixed byte OwnGdtr[16], OwnIdtr[16], TemporaryGdtr[16], TransitionalIdtr[16];

    /// <summary>Where the world switch enters the hypervisor, with RDI the context's address in the host and interrupts off.</summary>
    public ulong Entry;

    /// <summary>
    /// Where the hypervisor jumps to leave, with RDI as above; the world switch's code, mapped at the same address on both sides.
    /// </summary>
    public ulong Leave;

    /// <summary>Stack pointer of the suspended hypervisor; its own business.</summary>
    public ulong OwnRsp;

    /// <summary>Not zero while an interrupted context waits in the hypervisor's frame for NMIs; its own business.</summary>
    public uint NmiResume;

    /// <summary>
    /// Bit 0: an NMI arrived, and the host is to have it. Bit 1: the hypervisor left for that or a machine check only; <see
    /// cref="Service"/> is an older one.
    /// </summary>
    public uint NmiPending;

    /// <summary>1: a machine check arrived and is the host's.</summary>
    public uint MachineCheckPending;

    /// <summary>What the hypervisor wants (<see cref="HostService"/>), with its argument.</summary>
    public uint Service;

    /// <summary>See <see cref="HostService"/>.</summary>
    public ulong Argument;

    /// <summary>The module's answer.</summary>
    public ulong Result;

    /// <summary>Set by the module: pages left guest RAM; the shadow page tables are to be emptied before they are used again.</summary>
    public uint Flush;

    /// <summary>Set by the module once: paging levels, 4 or 5.</summary>
    public uint PagingLevels;

    /// <summary>Set by the module once: bytes of guest RAM, a multiple of 4 KiB.</summary>
    public ulong RamSize;

    /// <summary>
    /// Set by the module once: host physical address of the page-directory-pointer table of the low 512 GiB, which is page 0 of the pool.
    /// </summary>
    public ulong LowTable;

    /// <summary>
    /// Set by the module once: the state components that XSAVE may save and load here (XCR0 without PKRU), 0 if the CPU has only FXSAVE.
    /// </summary>
    public ulong StateComponents;

    /// <summary>Set by the module: pages of the pool that are mapped.</summary>
    public uint PoolPages;

    /// <summary>Set by the module once: host physical addresses of the pages of the VM area.</summary>
    public fixed ulong VmAreaFrames[(int)KernelLayout.VmAreaPages];
}
