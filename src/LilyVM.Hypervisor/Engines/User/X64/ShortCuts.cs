namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// What the library may do without its engine: enter the kernel for a program's SYSCALL, and return to programs, if the guest's selectors
/// are those that the library knows, and those of programs the host's (native/vmlib/x64/deprivileged/engine.h). Safe: writes words of the
/// vCPU, which the guest may write too and then hurts itself only.
/// </summary>
internal static unsafe class ShortCuts
{
    // The library enters with all of these clear, or not at all.
    private const ulong NeededMask = Flags.Interrupt | Flags.Trap | Flags.Direction | Flags.StatusMask;

    /// <summary>Tells the library, before the guest goes on.</summary>
    public static void Set(Vcpu* cpu)
    {
        if (cpu->Cpl == 3)
            cpu->ProgramEnd = cpu->Page->Cs == Selectors.ProgramCode && cpu->Page->Ss == Selectors.ProgramData ? Layout.Image : 0;
        bool isUsual = (cpu->Efer & ExtendedFeatures.SystemCalls) != 0 && SystemCalls.KernelCode(cpu) == Selectors.KernelCode
            && SystemCalls.ProgramCode(cpu) == Selectors.ProgramCode && (cpu->FlagMask & NeededMask) == NeededMask;
        cpu->SystemCallTarget = isUsual ? cpu->Lstar : 0;
    }
}
