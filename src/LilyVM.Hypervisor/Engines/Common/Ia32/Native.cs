using System.Runtime;
using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines;

internal static unsafe partial class Native
{
    [RuntimeImport("*", "lily_read_segments"), MethodImpl(Direct)]
    public static extern void ReadSegments(ushort* dataExtraFsGs);

    /// <summary>
    /// Loads a selector. The kernel engine loads a null one if its descriptor would fault; the user engine's was checked, or its descriptor
    /// written.
    /// </summary>
    [RuntimeImport("*", "lily_load_ds"), MethodImpl(Direct)]
    public static extern void LoadDs(uint selector);

    [RuntimeImport("*", "lily_load_es"), MethodImpl(Direct)]
    public static extern void LoadEs(uint selector);

    [RuntimeImport("*", "lily_load_fs"), MethodImpl(Direct)]
    public static extern void LoadFs(uint selector);

    [RuntimeImport("*", "lily_load_gs"), MethodImpl(Direct)]
    public static extern void LoadGs(uint selector);
}
