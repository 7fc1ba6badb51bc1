using System.Runtime;
using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>The assembly routines of native/entry/kernel.</summary>
internal static unsafe class Native
{
    private const MethodImplOptions Direct = MethodImplOptions.InternalCall;

    /// <summary>Leaves for the host; returns what it answered. Everything may have changed meanwhile that others write.</summary>
    [RuntimeImport("*", "lily_yield"), MethodImpl(Direct)]
    public static extern ulong Yield(HostService service, ulong argument);

    [RuntimeImport("*", "lily_address"), MethodImpl(Direct)]
    public static extern ulong Address(AssemblyAddress which);

    [RuntimeImport("*", "lily_read_segments"), MethodImpl(Direct)]
    public static extern void ReadSegments(ushort* dataExtraFsGs);

    /// <summary>Loads a selector, or a null one if its descriptor would fault.</summary>
    [RuntimeImport("*", "lily_load_ds"), MethodImpl(Direct)]
    public static extern void LoadDs(uint selector);

    [RuntimeImport("*", "lily_load_es"), MethodImpl(Direct)]
    public static extern void LoadEs(uint selector);

    [RuntimeImport("*", "lily_load_fs"), MethodImpl(Direct)]
    public static extern void LoadFs(uint selector);

    [RuntimeImport("*", "lily_load_gs"), MethodImpl(Direct)]
    public static extern void LoadGs(uint selector);

    [RuntimeImport("*", "lily_load_ldt"), MethodImpl(Direct)]
    public static extern void LoadLdt(uint selector);

    [RuntimeImport("*", "lily_save_fpu"), MethodImpl(Direct)]
    public static extern void SaveFpu(void* area, ulong components);

    [RuntimeImport("*", "lily_restore_fpu"), MethodImpl(Direct)]
    public static extern void RestoreFpu(void* area, ulong components);

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

    [RuntimeImport("*", "lily_rdtsc"), MethodImpl(Direct)]
    public static extern ulong ReadTsc();
}

/// <summary>Indices into the table of addresses in native/entry/kernel/ia32/helpers.S.</summary>
internal enum AssemblyAddress : uint
{
    Gdt,
    Ldt,
    Fpu,
    Iretq,
    ResumeRefused,
    SystemCallStart,
    SystemCallEnd,
    SystemCallSlowly,
    PageFaultStart,
    PageFaultEnd,
    PageFaultSlowly,
    StateProbe,
    StateTrapped,
    FpuStart,
    FpuEnd,
}
