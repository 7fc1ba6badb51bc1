namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// The model-specific registers that 64-bit mode is made of. What is not one of them goes by the table that both architectures share
/// (<see cref="ModelSpecificRegisters"/>). Safe: works on the engine's own state.
/// </summary>
internal static unsafe class SystemRegisters
{
    private const uint ExtendedFeatureEnable = 0xC000_0080, Star = 0xC000_0081, Lstar = 0xC000_0082, Cstar = 0xC000_0083,
        FlagMask = 0xC000_0084,
        FsBase = 0xC000_0100, GsBase = 0xC000_0101, KernelGsBase = 0xC000_0102, TscAux = 0xC000_0103;

    private const ulong FeaturesKnown = ExtendedFeatures.SystemCalls | ExtendedFeatures.LongMode | ExtendedFeatures.NoExecute;

    /// <summary>RDMSR; false if the register is none of these.</summary>
    public static bool TryRead(Vcpu* cpu)
    {
        ulong* place = Place(cpu, (uint)cpu->Cx);
        if (place == null)
            return false;
        cpu->Ax = (uint)*place;
        cpu->Dx = *place >> 32;
        return true;
    }

    /// <summary>
    /// WRMSR; false if the register is none of these. <paramref name="done"/> is false if it does not take the value, which is #GP.
    /// </summary>
    public static bool TryWrite(Vcpu* cpu, bool* done)
    {
        uint number = (uint)cpu->Cx;
        ulong* place = Place(cpu, number);
        if (place == null)
            return false;
        ulong value = (uint)cpu->Ax | cpu->Dx << 32, features = cpu->Efer;
        *done = Takes(cpu, number, value);
        if (*done)
            *place = number == ExtendedFeatureEnable ? value | ExtendedFeatures.LongMode : value; // LMA is not written
        if (((features ^ cpu->Efer) & ExtendedFeatures.NoExecute) != 0)
            GuestMemory.Flush(cpu);
        return true;
    }

    private static ulong* Place(Vcpu* cpu, uint number) => number switch
    {
        ExtendedFeatureEnable => &cpu->Efer,
        Star => &cpu->Star,
        Lstar => &cpu->Lstar,
        Cstar => &cpu->Cstar,
        FlagMask => &cpu->FlagMask,
        FsBase => &cpu->FsBase,
        GsBase => Segments.CurrentGs(cpu),
        KernelGsBase => Segments.OtherGs(cpu),
        TscAux => &cpu->TscAux,
        _ => null,
    };

    private static bool Takes(Vcpu* cpu, uint number, ulong value)
    {
        bool good = number switch
        {
            ExtendedFeatureEnable => (value & ~FeaturesKnown) == 0 && (value & ExtendedFeatures.LongMode) != 0,
            FlagMask or TscAux => value >> 32 == 0,
            Star => true,
            _ => Addresses.AreCanonical(value),
        };
        return good || Privilege.GeneralProtection(cpu, 0);
    }
}
