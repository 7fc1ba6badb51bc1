namespace LilyVM.Hypervisor.Guest;

internal static unsafe partial class SelectorChecks
{
    // System descriptor types, bit n for type n, that LAR and LSL accept in 64-bit mode (SDM vol. 2, LAR and LSL).
    private const uint RightsTypes = 1 << 2 | 1 << 9 | 1 << 11 | 1 << 12, LimitTypes = 1 << 2 | 1 << 9 | 1 << 11;

    // There is no ARPL in 64-bit code.
    private static bool Adjust(Vcpu* cpu, Request* request) => Privilege.InvalidOpcode(cpu);
}
