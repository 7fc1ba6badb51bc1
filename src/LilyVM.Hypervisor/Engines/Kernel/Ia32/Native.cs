using System.Runtime;
using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines;

internal static unsafe partial class Native
{
    /// <summary>Leaves for the host; returns what it answered. Everything may have changed meanwhile that others write.</summary>
    [RuntimeImport("*", "lily_yield"), MethodImpl(Direct)]
    public static extern ulong Yield(HostService service, ulong argument);

    [RuntimeImport("*", "lily_load_ldt"), MethodImpl(Direct)]
    public static extern void LoadLdt(uint selector);

    /// <summary>Whether XSAVE faults while CR0.TS is set, as it is now. The area stays as it is.</summary>
    [RuntimeImport("*", "lily_state_traps"), MethodImpl(Direct)]
    public static extern bool StateTraps(void* area);

    /// <summary>Clears CR0.TS.</summary>
    [RuntimeImport("*", "lily_clear_ts"), MethodImpl(Direct)]
    public static extern void ClearTaskSwitched();

    /// <summary>Sets CR0.TS.</summary>
    [RuntimeImport("*", "lily_set_ts"), MethodImpl(Direct)]
    public static extern void SetTaskSwitched();

    [RuntimeImport("*", "lily_reload_cr3"), MethodImpl(Direct)]
    public static extern void ReloadCr3();

    [RuntimeImport("*", "lily_invlpg"), MethodImpl(Direct)]
    public static extern void InvalidatePage(ulong address);
}
