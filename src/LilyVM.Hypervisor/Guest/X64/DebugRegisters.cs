namespace LilyVM.Hypervisor.Guest;

internal static unsafe partial class DebugRegisters
{
    // In the vCPU page, where converted code reads them.
    private static Word* Place(Vcpu* cpu, uint number) => number switch
    {
        6 => &cpu->Page->Dr6,
        7 => &cpu->Page->Dr7,
        _ => &cpu->Page->Dr0 + number,
    };
}
