namespace LilyVM.Hypervisor.Guest;

internal static unsafe partial class ControlRegisters
{
    // Real mode is not there. With page sizes, the format of page directories changes.
    private const uint Needed = Protection, Cr4Needed = 0, Cr4KnownToo = 0, PagingModeBits = ControlBits.PageSizeExtension;

    private static bool TakeCr3(uint* value)
    {
        const uint Known = 0xFFFF_F018;
        *value &= Known;
        return true;
    }

    private static bool ReadOther(Vcpu* cpu, uint number, uint* value) => false;

    private static bool WriteOther(Vcpu* cpu, uint number, uint value) => Privilege.InvalidOpcode(cpu);
}
