namespace LilyVM.Hypervisor.Guest;

/// <summary>SYSCALL and SYSRET in 64-bit mode (SDM vol. 2). Safe: works on the engine's own state and the vCPU page.</summary>
internal static unsafe class SystemCalls
{
    private const int KernelSelectors = 32, ProgramSelectors = 48; // in IA32_STAR
    private const uint CodeBehind = 16, DataBehind = 8;
    private const ulong SingleStep = 1 << 14; // DR6.BS

    /// <summary>SYSCALL, with RIP behind the instruction; <paramref name="at"/> is the instruction.</summary>
    public static Outcome Enter(Vcpu* cpu, ulong at)
    {
        if ((cpu->Efer & ExtendedFeatures.SystemCalls) == 0)
        {
            cpu->Ip = at;
            Descriptors.Refuse(cpu, Vectors.InvalidOpcode, 0);
            return Events.RaiseFault(cpu);
        }
        ulong flags = Flags.Get(cpu) & ~Flags.Resume;
        uint code = (uint)(cpu->Star >> KernelSelectors) & 0xFFFC;
        cpu->Cx = cpu->Ip;
        cpu->R11 = flags;
        cpu->Ip = cpu->Lstar;
        Flags.Set(cpu, flags & ~cpu->FlagMask, level: 0);
        cpu->Cpl = 0;
        cpu->Page->Cs = code;
        cpu->Page->Ss = code + DataBehind;
        return Outcome.Resume;
    }

    /// <summary>SYSRETQ, with RIP at the instruction.</summary>
    public static Outcome Return(Vcpu* cpu, uint width)
    {
        if ((cpu->Efer & ExtendedFeatures.SystemCalls) == 0)
        {
            Descriptors.Refuse(cpu, Vectors.InvalidOpcode, 0);
            return Events.RaiseFault(cpu);
        }
        if (cpu->Cpl != 0 || (width == 8 && !Addresses.AreCanonical(cpu->Cx)))
        {
            Descriptors.Refuse(cpu, Vectors.GeneralProtection, 0);
            return Events.RaiseFault(cpu);
        }
        if (width != 8)
        {
            cpu->Shutdown = ShutdownReason.Unsupported; // to 32-bit code
            return Outcome.Shutdown;
        }
        uint selectors = (uint)(cpu->Star >> ProgramSelectors) & 0xFFFF;
        cpu->Ip = cpu->Cx;
        Flags.Set(cpu, cpu->R11 & ~(Flags.Resume | 1ul << 17), level: 0);
        cpu->Cpl = 3;
        cpu->Page->Cs = (selectors + CodeBehind) & 0xFFFF | 3;
        cpu->Page->Ss = (selectors + DataBehind) & 0xFFFF | 3;
        if ((cpu->R11 & Flags.Trap) == 0)
            return Outcome.Resume;
        // As if the program's SYSCALL had been an instruction like others: the trap of a step comes behind it.
        cpu->Page->Dr6 |= SingleStep;
        Descriptors.Refuse(cpu, Vectors.Debug, 0);
        return Events.RaiseFault(cpu);
    }

    /// <summary>The selectors that SYSRET loads.</summary>
    public static uint ProgramCode(Vcpu* cpu) => ((uint)(cpu->Star >> ProgramSelectors) + CodeBehind) & 0xFFFF | 3;

    /// <summary>The selector that SYSCALL loads into CS.</summary>
    public static uint KernelCode(Vcpu* cpu) => (uint)(cpu->Star >> KernelSelectors) & 0xFFFC;
}
