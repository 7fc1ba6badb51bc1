namespace LilyVM.Hypervisor.Guest;

/// <summary>The vCPU's registers as the VM process has them, by name. Safe: both are the engine's to write.</summary>
internal static unsafe partial class CrossingRegisters
{
    /// <summary>For the VM process to read.</summary>
    public static void Store(Vcpu* cpu, GuestRegisters* registers)
    {
        for (uint number = 0; number <= Architecture.LastRegister; number++)
            (*registers)[(RegisterName)number] = (&cpu->Ax)[number];
        (*registers)[RegisterName.Ip] = cpu->Ip;
        (*registers)[RegisterName.Flags] = Flags.Get(cpu);
        (*registers)[RegisterName.Cs] = cpu->Page->Cs & 0xFFFF;
        (*registers)[RegisterName.Cr0] = cpu->Cr0;
        (*registers)[RegisterName.Cr2] = cpu->Page->Cr2;
        (*registers)[RegisterName.Cr3] = cpu->Cr3;
        (*registers)[RegisterName.Cr4] = cpu->Cr4;
        StoreOwn(cpu, registers);
    }

    /// <summary>Those of the first instruction, as the VM process wants them.</summary>
    public static void Load(Vcpu* cpu, GuestRegisters* registers)
    {
        for (uint number = 0; number <= Architecture.LastRegister; number++)
            (&cpu->Ax)[number] = (Word)(*registers)[(RegisterName)number];
        cpu->Ip = (Word)(*registers)[RegisterName.Ip];
        cpu->Flags = Flags.Fixed;
        cpu->Cr0 = (Word)(*registers)[RegisterName.Cr0];
        LoadOwn(cpu, registers);
    }

    private static partial void StoreOwn(Vcpu* cpu, GuestRegisters* registers);

    private static partial void LoadOwn(Vcpu* cpu, GuestRegisters* registers);
}
