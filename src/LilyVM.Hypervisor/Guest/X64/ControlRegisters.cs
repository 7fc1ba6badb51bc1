namespace LilyVM.Hypervisor.Guest;

internal static unsafe partial class ControlRegisters
{
    private const ulong AddressExtension = 1 << 5, BaseInstructions = 1 << 16, Cr4KnownToo = AddressExtension | BaseInstructions;

    // 64-bit mode cannot be left (SDM vol. 3, 4.1.2), and real mode is not there. Page sizes change nothing.
    private const ulong Needed = Protection | ControlBits.Paging, Cr4Needed = AddressExtension, PagingModeBits = 0;

    private const ulong HighestPriority = 15;

    // Bit 63, "flush nothing", is reserved without CR4.PCIDE.
    private static bool TakeCr3(ulong* value)
    {
        const ulong Known = 0x000F_FFFF_FFFF_F018;
        return (*value & ~Known) == 0;
    }

    private static bool ReadOther(Vcpu* cpu, uint number, ulong* value)
    {
        *value = cpu->Page->Cr8;
        return number == 8;
    }

    // There is no local APIC that CR8 would tell.
    private static bool WriteOther(Vcpu* cpu, uint number, ulong value)
    {
        if (number != 8)
            return Privilege.InvalidOpcode(cpu);
        if (value > HighestPriority)
            return Privilege.GeneralProtection(cpu, 0);
        cpu->Page->Cr8 = value;
        return true;
    }
}
