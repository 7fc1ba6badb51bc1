using System.Runtime;
using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>The assembly routines of native/entry/user/x64/stub.S.</summary>
internal static unsafe class Native
{
    private const MethodImplOptions Direct = MethodImplOptions.InternalCall;

    [RuntimeImport("*", "lily_syscall"), MethodImpl(Direct)]
    public static extern nint Syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [RuntimeImport("*", "lily_address"), MethodImpl(Direct)]
    public static extern ulong Address(AssemblyAddress which);

    [RuntimeImport("*", "lily_save_fpu"), MethodImpl(Direct)]
    public static extern void SaveFpu(void* area, ulong components);

    [RuntimeImport("*", "lily_restore_fpu"), MethodImpl(Direct)]
    public static extern void RestoreFpu(void* area, ulong components);

    [RuntimeImport("*", "lily_rdtsc"), MethodImpl(Direct)]
    public static extern ulong ReadTsc();

    /// <summary>WRFSBASE and WRGSBASE: only where the host's kernel keeps what they write.</summary>
    [RuntimeImport("*", "lily_write_fs"), MethodImpl(Direct)]
    public static extern void WriteFs(ulong address);

    [RuntimeImport("*", "lily_write_gs"), MethodImpl(Direct)]
    public static extern void WriteGs(ulong address);

    /// <summary>Enters the guest; does not return. From a signal handler too: no sigreturn is needed, for no signal is ever blocked.</summary>
    [RuntimeImport("*", "lily_resume"), MethodImpl(Direct)]
    public static extern void Resume();
}

/// <summary>Indices into the table of addresses in native/entry/user/x64/stub.S.</summary>
internal enum AssemblyAddress : uint
{
    Hypercall,
    Resume,
    ResumeEnd,
    Restorer,
    SignalHandler,
    SignalStack,
    Stack,
    Attention,
}
