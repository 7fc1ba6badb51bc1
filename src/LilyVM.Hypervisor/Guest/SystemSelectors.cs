namespace LilyVM.Hypervisor.Guest;

/// <summary>LDTR, TR and the machine status word as operands. Safe: works on the engine's own state.</summary>
internal static unsafe class SystemSelectors
{
    /// <summary>SLDT, STR, SMSW, LLDT and LTR.</summary>
    public static bool Execute(Vcpu* cpu, Request* request)
    {
        uint selector;
        switch (request->Op)
        {
            case Op.Sldt:
                return Operands.Store(cpu, request, DescriptorTables.Local(cpu));
            case Op.Str:
                return Operands.Store(cpu, request, DescriptorTables.Task(cpu));
            case Op.Smsw: // a register of 32 bits or more gets all of CR0
                return Operands.Store(cpu, request, cpu->Cr0);
            case Op.Lldt:
                return Operands.Source16(cpu, request, &selector) && Segments.LoadLdt(cpu, selector);
            default:
                return Operands.Source16(cpu, request, &selector) && Segments.LoadTask(cpu, selector);
        }
    }
}
