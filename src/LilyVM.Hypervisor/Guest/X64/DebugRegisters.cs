namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// Debug registers are kept and have no effect (SDM vol. 3, 18.2); they lie in the vCPU page, where converted code reads them. Safe: works on the vCPU
/// page.
/// </summary>
internal static unsafe class DebugRegisters
{
    private const ulong StatusFixed = 0xFFFF_0FF0, StatusKnown = 0xE00F, ControlFixed = 0x400, ControlKnown = 0xFFFF_23FF;

    /// <summary>MOV to and from DRn; 4 and 5 are 6 and 7, unless CR4.DE makes them #UD.</summary>
    public static bool Execute(Vcpu* cpu, Request* request)
    {
        const ulong DebuggingExtensions = 1 << 3;
        uint number = request->Number & 7;
        if (number is 4 or 5)
        {
            if ((cpu->Cr4 & DebuggingExtensions) != 0)
                return Privilege.InvalidOpcode(cpu);
            number += 2;
        }
        ulong* place = Place(cpu, number);
        if (request->Op != Op.WriteDebug)
        {
            Operands.SetRegister(cpu, request->Register, 8, *place);
            return true;
        }
        if (number >= 6 && request->Value >> 32 != 0)
            return Privilege.GeneralProtection(cpu, 0);
        *place = Fixed(number, request->Value);
        return true;
    }

    /// <summary>The values after a reset.</summary>
    public static void Reset(Vcpu* cpu)
    {
        cpu->Page->Dr6 = StatusFixed;
        cpu->Page->Dr7 = ControlFixed;
    }

    private static ulong* Place(Vcpu* cpu, uint number) => number switch
    {
        6 => &cpu->Page->Dr6,
        7 => &cpu->Page->Dr7,
        _ => &cpu->Page->Dr0 + number,
    };

    private static ulong Fixed(uint number, ulong value) => number switch
    {
        6 => (value & StatusKnown) | StatusFixed,
        7 => (value & ControlKnown) | ControlFixed,
        _ => value,
    };
}
