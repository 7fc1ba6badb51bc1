namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// Debug registers are kept and have no effect (SDM vol. 3, 18.2). Safe: works on the engine's own state, or on the vCPU page.
/// </summary>
internal static unsafe partial class DebugRegisters
{
    private const Word StatusFixed = 0xFFFF_0FF0, StatusKnown = 0xE00F, ControlFixed = 0x400, ControlKnown = 0xFFFF_23FF;

    /// <summary>MOV to and from DRn; 4 and 5 are 6 and 7, unless CR4.DE makes them #UD.</summary>
    public static bool Execute(Vcpu* cpu, Request* request)
    {
        const uint DebuggingExtensions = 1 << 3;
        uint number = request->Number & 7;
        if (number is 4 or 5)
        {
            if ((cpu->Cr4 & DebuggingExtensions) != 0)
                return Privilege.InvalidOpcode(cpu);
            number += 2;
        }
        Word* place = Place(cpu, number);
        if (request->Op != Op.WriteDebug)
        {
            Operands.SetRegister(cpu, request->Register, sizeof(Word), Fixed(number, *place));
            return true;
        }
        if (number >= 6 && (ulong)request->Value >> 32 != 0)
            return Privilege.GeneralProtection(cpu, 0);
        *place = Fixed(number, request->Value);
        return true;
    }

    private static Word Fixed(uint number, Word value) => number switch
    {
        6 => (value & StatusKnown) | StatusFixed,
        7 => (value & ControlKnown) | ControlFixed,
        _ => value,
    };
}
