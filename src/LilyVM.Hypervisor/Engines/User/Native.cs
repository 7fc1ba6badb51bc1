using System.Runtime;
using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines;

internal static unsafe partial class Native
{
    [RuntimeImport("*", "lily_syscall"), MethodImpl(Direct)]
    public static extern nint Syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    /// <summary>
    /// Enters the guest; does not return. From a signal handler too: no sigreturn is needed, for no signal is ever blocked.
    /// </summary>
    [RuntimeImport("*", "lily_resume"), MethodImpl(Direct)]
    public static extern void Resume();
}
