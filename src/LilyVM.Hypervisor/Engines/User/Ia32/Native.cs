using System.Runtime;
using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>The assembly routines of native/entry/user/ia32/stub.S.</summary>
internal static unsafe class Native
{
    private const MethodImplOptions Direct = MethodImplOptions.InternalCall;

    [RuntimeImport("*", "lily_syscall"), MethodImpl(Direct)]
    public static extern nint Syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [RuntimeImport("*", "lily_address"), MethodImpl(Direct)]
    public static extern ulong Address(AssemblyAddress which);

    [RuntimeImport("*", "lily_old_system_call"), MethodImpl(Direct)]
    public static extern void OldSystemCall();

    [RuntimeImport("*", "lily_read_segments"), MethodImpl(Direct)]
    public static extern void ReadSegments(ushort* dataExtraFsGs);

    [RuntimeImport("*", "lily_load_ds"), MethodImpl(Direct)]
    public static extern void LoadDs(uint selector);

    [RuntimeImport("*", "lily_load_es"), MethodImpl(Direct)]
    public static extern void LoadEs(uint selector);

    [RuntimeImport("*", "lily_load_fs"), MethodImpl(Direct)]
    public static extern void LoadFs(uint selector);

    [RuntimeImport("*", "lily_load_gs"), MethodImpl(Direct)]
    public static extern void LoadGs(uint selector);

    /// <summary>Not 0 if the CPU finds a descriptor for this selector that the current privilege level may see.</summary>
    [RuntimeImport("*", "lily_has_segment"), MethodImpl(Direct)]
    public static extern uint HasSegment(uint selector);

    [RuntimeImport("*", "lily_save_fpu"), MethodImpl(Direct)]
    public static extern void SaveFpu(void* area, ulong components);

    [RuntimeImport("*", "lily_restore_fpu"), MethodImpl(Direct)]
    public static extern void RestoreFpu(void* area, ulong components);

    [RuntimeImport("*", "lily_rdtsc"), MethodImpl(Direct)]
    public static extern ulong ReadTsc();

    /// <summary>Enters the guest; does not return. From a signal handler too: no sigreturn is needed, for no signal is ever blocked.</summary>
    [RuntimeImport("*", "lily_resume"), MethodImpl(Direct)]
    public static extern void Resume();
}

/// <summary>Indices into the table of addresses in native/entry/user/ia32/stub.S.</summary>
internal enum AssemblyAddress : uint
{
    Hypercall,
    SystemCall,
    Resume,
    ResumeEnd,
    Restorer,
    SignalHandler,
    SignalStack,
    Target,
    GuestFlags,
    GuestSs,
    Attention,
    Int80,
}
