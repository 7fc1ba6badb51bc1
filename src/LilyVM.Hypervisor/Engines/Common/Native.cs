using System.Runtime;
using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines;

/// <summary>
/// The assembly routines of native/entry: here those of every engine (native/entry/common), in the folders beside what one engine or one
/// architecture has. Safe: each does what its line says, and no more is given to it than the engine may touch.
/// </summary>
internal static unsafe partial class Native
{
    private const MethodImplOptions Direct = MethodImplOptions.InternalCall;

    [RuntimeImport("*", "lily_address"), MethodImpl(Direct)]
    public static extern ulong Address(AssemblyAddress which);

    [RuntimeImport("*", "lily_save_fpu"), MethodImpl(Direct)]
    public static extern void SaveFpu(void* area, ulong components);

    [RuntimeImport("*", "lily_restore_fpu"), MethodImpl(Direct)]
    public static extern void RestoreFpu(void* area, ulong components);

    [RuntimeImport("*", "lily_rdtsc"), MethodImpl(Direct)]
    public static extern ulong ReadTsc();
}
