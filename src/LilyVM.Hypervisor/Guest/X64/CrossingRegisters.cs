namespace LilyVM.Hypervisor.Guest;

internal static unsafe partial class CrossingRegisters
{
    private static partial void StoreOwn(Vcpu* cpu, GuestRegisters* registers) => (*registers)[RegisterName.Efer] = cpu->Efer;

    // A guest starts in 64-bit mode, with paging on.
    private static partial void LoadOwn(Vcpu* cpu, GuestRegisters* registers)
    {
        cpu->Cr3 = (*registers)[RegisterName.Cr3];
        cpu->Cr4 = (*registers)[RegisterName.Cr4];
        cpu->Efer = (*registers)[RegisterName.Efer];
    }
}
