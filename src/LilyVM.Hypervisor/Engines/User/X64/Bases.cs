namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// FS and GS bases of the guest's programs. The CPU holds the base that this stub last gave it, while the guest's kernel sets what it likes
/// in the vCPU; the two are made equal before a program runs. A kernel for one processor has no use of its own for them. Safe: the CPU gets
/// bases, through which this code itself reaches nothing.
/// </summary>
internal static unsafe class Bases
{
    private const ulong SetGs = 0x1001, SetFs = 0x1002; // arch_prctl

    private static ulong fs, gs;

    /// <summary>Whether a program would find another base than it should.</summary>
    public static bool Differ(Vcpu* cpu) => cpu->FsBase != fs || ProgramGs(cpu) != gs;

    /// <summary>Gives the CPU what the guest's program wants.</summary>
    public static void Apply(Vcpu* cpu)
    {
        if (cpu->FsBase != fs)
            Set(SetFs, fs = cpu->FsBase);
        ulong wanted = ProgramGs(cpu);
        if (wanted != gs)
            Set(SetGs, gs = wanted);
    }

    /// <summary>What was asked for last has not been done.</summary>
    public static void Forget() => fs = gs = ulong.MaxValue;

    private static void Set(ulong which, ulong address)
    {
        This.Count(Counter.BaseWrites);
        if (Programs.AreApart)
            Programs.SetBase(which, address);
        else if (This.Machine->HasBaseInstructions == 0)
            Host.Call(Host.ArchPrctl, which, address);
        else if (which == SetFs)
            Native.WriteFs(address);
        else
            Native.WriteGs(address);
    }

    // While the kernel runs, a program's base is the one that SWAPGS keeps.
    private static ulong ProgramGs(Vcpu* cpu) => *Segments.CurrentGs(cpu);
}
