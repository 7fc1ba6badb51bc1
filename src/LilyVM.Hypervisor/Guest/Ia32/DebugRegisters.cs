namespace LilyVM.Hypervisor.Guest;

/// <summary>Debug registers are kept and have no effect (SDM vol. 3, 17.2). Safe: works on the engine's own state.</summary>
internal static unsafe class DebugRegisters
{
    private const uint StatusFixed = 0xFFFF_0FF0, StatusKnown = 0xE00F, ControlFixed = 0x400, ControlKnown = 0xFFFF_23FF;

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
        if (request->Op == Op.WriteDebug)
            cpu->Dr[number] = Fixed(number, request->Value);
        else
            Operands.SetRegister(cpu, request->Register, 4, Fixed(number, cpu->Dr[number]));
        return true;
    }

    private static uint Fixed(uint number, uint value) => number switch
    {
        6 => (value & StatusKnown) | StatusFixed,
        7 => (value & ControlKnown) | ControlFixed,
        _ => value,
    };
}
