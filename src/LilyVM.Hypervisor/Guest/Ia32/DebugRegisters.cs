namespace LilyVM.Hypervisor.Guest;

internal static unsafe partial class DebugRegisters
{
    private static Word* Place(Vcpu* cpu, uint number) => &cpu->Dr[number];
}
