namespace LilyVM.Hypervisor.Guest;

internal static unsafe partial class CrossingRegisters
{
    private static partial void StoreOwn(Vcpu* cpu, GuestRegisters* registers)
    {
    }

    // A guest starts unpaged: the rest is as after a reset.
    private static partial void LoadOwn(Vcpu* cpu, GuestRegisters* registers)
    {
    }
}
