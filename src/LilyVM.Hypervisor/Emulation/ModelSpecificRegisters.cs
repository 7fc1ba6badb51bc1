namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// The few model-specific registers that a guest may touch without being told by CPUID, or that belong to what it is told. All others are #GP(0), which
/// kernels take as "not there". Safe: works on the engine's own state.
/// </summary>
internal static unsafe class ModelSpecificRegisters
{
    private const uint TimeStampCounter = 0x10, ApicBase = 0x1B, MicrocodeRevision = 0x8B, MiscellaneousEnable = 0x1A0, PageAttributes = 0x277,
        ExtendedFeatures = 0xC000_0080;

    private const uint BootProcessor = 1 << 8; // APIC base with the APIC off
    private const uint FastStrings = 1;
    private const uint DefaultAttributesLow = 0x0007_0406, DefaultAttributesHigh = 0x0007_0406; // SDM vol. 3, table 11-12

    /// <summary>RDMSR.</summary>
    public static bool Read(Vcpu* cpu)
    {
        uint low, high = 0;
        switch (cpu->Ecx)
        {
            case TimeStampCounter:
                low = (uint)cpu->Tsc;
                high = (uint)(cpu->Tsc >> 32);
                break;
            case ApicBase:
                low = 0xFEE0_0000 | BootProcessor;
                break;
            case MiscellaneousEnable:
                low = FastStrings;
                break;
            case PageAttributes:
                low = DefaultAttributesLow;
                high = DefaultAttributesHigh;
                break;
            case MicrocodeRevision or ExtendedFeatures:
                low = 0;
                break;
            default:
                return Privilege.GeneralProtection(cpu, 0);
        }
        cpu->Eax = low;
        cpu->Edx = high;
        return true;
    }

    /// <summary>WRMSR: the registers keep their values; EFER refuses any other.</summary>
    public static bool Write(Vcpu* cpu) => cpu->Ecx switch
    {
        TimeStampCounter or ApicBase or MicrocodeRevision or MiscellaneousEnable or PageAttributes => true,
        ExtendedFeatures when (cpu->Eax | cpu->Edx) == 0 => true,
        _ => Privilege.GeneralProtection(cpu, 0),
    };
}
