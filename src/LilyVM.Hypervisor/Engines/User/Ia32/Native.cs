using System.Runtime;
using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines;

internal static unsafe partial class Native
{
    [RuntimeImport("*", "lily_old_system_call"), MethodImpl(Direct)]
    public static extern void OldSystemCall();

    /// <summary>Not 0 if the CPU finds a descriptor for this selector that the current privilege level may see.</summary>
    [RuntimeImport("*", "lily_has_segment"), MethodImpl(Direct)]
    public static extern uint HasSegment(uint selector);
}
