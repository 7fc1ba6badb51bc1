using System.Runtime.CompilerServices;
using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>
/// Where everything is (<see cref="KernelLayout"/>). Safe: the module has mapped all of it before the first entry, for as long as the
/// machine lives.
/// </summary>
internal static unsafe class This
{
    /// <summary>The hypervisor's own state.</summary>
    public static KernelMachine* Machine => (KernelMachine*)KernelLayout.Machine;

    /// <summary>The virtual CPU, first in it.</summary>
    public static Vcpu* Vcpu => (Vcpu*)KernelLayout.Machine;

    /// <summary>The shadow page tables.</summary>
    public static ShadowMmu* Mmu => &Machine->Mmu;

    /// <summary>What module and hypervisor share.</summary>
    public static SwitchContext* Context => (SwitchContext*)KernelLayout.Context;

    /// <summary>What VM process and hypervisor share: not to be trusted.</summary>
    public static RunRecord* Record => (RunRecord*)KernelLayout.RunRecord;

    /// <summary>The vCPU page: not to be trusted either.</summary>
    public static VcpuPage* Page => (VcpuPage*)(KernelLayout.VmArea + (VmArea.Vcpu - VmArea.Base));

    /// <summary>Counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Count(KernelCounter counter) => Record->Counters[(int)counter]++;
}
