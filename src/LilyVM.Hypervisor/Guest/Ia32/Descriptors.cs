namespace LilyVM.Hypervisor.Guest;

internal static unsafe partial class Descriptors
{
    /// <summary>System descriptor types that 64-bit mode does not have.</summary>
    public const uint TaskGate = 5, CallGate = 12;

    /// <summary>The guest's own selector for one that may come from a program's real registers (<see cref="Vcpu.CopiesInLdt"/>).</summary>
    public static uint OwnSelector(Vcpu* cpu, uint selector) =>
        (selector & 7) == 7 && selector > 7 && selector < cpu->CopiesInLdt * 8 && (cpu->Page->Ldtr & 0xFFFC) == 0
        ? selector & ~4u
        : selector;
}
