using Iced.Intel;

namespace LilyVM.Audit;

/// <summary>Why an instruction must not be left in a converted kernel.</summary>
public enum Sensitivity
{
    /// <summary>Reads or writes the interrupt flag, which is virtual; outside ring 0 part of it silently does nothing.</summary>
    InterruptFlag,

    /// <summary>Shows or uses segment registers, descriptor tables or privilege levels, which are not the guest's.</summary>
    Segments,

    /// <summary>Faults outside ring 0.</summary>
    Privileged,

    /// <summary>Reaches devices or needs the I/O privilege level.</summary>
    Ports,

    /// <summary>Leaves the kernel through a gate or a system call instruction.</summary>
    Transfer,

    /// <summary>Answers for the host's CPU instead of the guest's.</summary>
    HostFeature,
}

/// <summary>
/// What the preprocessor rewrites (DESIGN.md, section 5), and more that only a disassembly finds because kernels write it as <c>.byte</c>. Names are
/// those of the AT&amp;T mnemonics, without size; allow-lists use them.
/// </summary>
public static class SensitiveInstructions
{
    private static readonly Dictionary<Mnemonic, (string Name, Sensitivity Why)> ByMnemonic = new()
    {
        [Mnemonic.Cli] = ("cli", Sensitivity.InterruptFlag),
        [Mnemonic.Sti] = ("sti", Sensitivity.InterruptFlag),
        [Mnemonic.Pushf] = ("pushf", Sensitivity.InterruptFlag),
        [Mnemonic.Pushfd] = ("pushf", Sensitivity.InterruptFlag),
        [Mnemonic.Popf] = ("popf", Sensitivity.InterruptFlag),
        [Mnemonic.Popfd] = ("popf", Sensitivity.InterruptFlag),
        [Mnemonic.Iret] = ("iret", Sensitivity.InterruptFlag),
        [Mnemonic.Iretd] = ("iret", Sensitivity.InterruptFlag),

        [Mnemonic.Sgdt] = ("sgdt", Sensitivity.Segments),
        [Mnemonic.Sidt] = ("sidt", Sensitivity.Segments),
        [Mnemonic.Sldt] = ("sldt", Sensitivity.Segments),
        [Mnemonic.Str] = ("str", Sensitivity.Segments),
        [Mnemonic.Smsw] = ("smsw", Sensitivity.Segments),
        [Mnemonic.Lar] = ("lar", Sensitivity.Segments),
        [Mnemonic.Lsl] = ("lsl", Sensitivity.Segments),
        [Mnemonic.Verr] = ("verr", Sensitivity.Segments),
        [Mnemonic.Verw] = ("verw", Sensitivity.Segments),
        [Mnemonic.Arpl] = ("arpl", Sensitivity.Segments),
        [Mnemonic.Lds] = ("lds", Sensitivity.Segments),
        [Mnemonic.Les] = ("les", Sensitivity.Segments),
        [Mnemonic.Lfs] = ("lfs", Sensitivity.Segments),
        [Mnemonic.Lgs] = ("lgs", Sensitivity.Segments),
        [Mnemonic.Lss] = ("lss", Sensitivity.Segments),

        [Mnemonic.Hlt] = ("hlt", Sensitivity.Privileged),
        [Mnemonic.Lgdt] = ("lgdt", Sensitivity.Privileged),
        [Mnemonic.Lidt] = ("lidt", Sensitivity.Privileged),
        [Mnemonic.Lldt] = ("lldt", Sensitivity.Privileged),
        [Mnemonic.Ltr] = ("ltr", Sensitivity.Privileged),
        [Mnemonic.Lmsw] = ("lmsw", Sensitivity.Privileged),
        [Mnemonic.Clts] = ("clts", Sensitivity.Privileged),
        [Mnemonic.Invd] = ("invd", Sensitivity.Privileged),
        [Mnemonic.Wbinvd] = ("wbinvd", Sensitivity.Privileged),
        [Mnemonic.Wbnoinvd] = ("wbnoinvd", Sensitivity.Privileged),
        [Mnemonic.Invlpg] = ("invlpg", Sensitivity.Privileged),
        [Mnemonic.Invpcid] = ("invpcid", Sensitivity.Privileged),
        [Mnemonic.Rdmsr] = ("rdmsr", Sensitivity.Privileged),
        [Mnemonic.Wrmsr] = ("wrmsr", Sensitivity.Privileged),
        [Mnemonic.Xsetbv] = ("xsetbv", Sensitivity.Privileged),
        [Mnemonic.Xsaves] = ("xsaves", Sensitivity.Privileged),
        [Mnemonic.Xrstors] = ("xrstors", Sensitivity.Privileged),
        [Mnemonic.Clac] = ("clac", Sensitivity.Privileged),
        [Mnemonic.Stac] = ("stac", Sensitivity.Privileged),
        [Mnemonic.Monitor] = ("monitor", Sensitivity.Privileged),
        [Mnemonic.Mwait] = ("mwait", Sensitivity.Privileged),
        [Mnemonic.Monitorx] = ("monitorx", Sensitivity.Privileged),
        [Mnemonic.Mwaitx] = ("mwaitx", Sensitivity.Privileged),
        [Mnemonic.Rsm] = ("rsm", Sensitivity.Privileged),
        [Mnemonic.Getsec] = ("getsec", Sensitivity.Privileged),
        [Mnemonic.Wrussd] = ("wruss", Sensitivity.Privileged),
        [Mnemonic.Setssbsy] = ("setssbsy", Sensitivity.Privileged),
        [Mnemonic.Clrssbsy] = ("clrssbsy", Sensitivity.Privileged),
        [Mnemonic.Vmlaunch] = ("vmlaunch", Sensitivity.Privileged),
        [Mnemonic.Vmresume] = ("vmresume", Sensitivity.Privileged),
        [Mnemonic.Vmread] = ("vmread", Sensitivity.Privileged),
        [Mnemonic.Vmwrite] = ("vmwrite", Sensitivity.Privileged),
        [Mnemonic.Vmptrld] = ("vmptrld", Sensitivity.Privileged),
        [Mnemonic.Vmptrst] = ("vmptrst", Sensitivity.Privileged),
        [Mnemonic.Vmclear] = ("vmclear", Sensitivity.Privileged),
        [Mnemonic.Vmxon] = ("vmxon", Sensitivity.Privileged),
        [Mnemonic.Vmxoff] = ("vmxoff", Sensitivity.Privileged),
        [Mnemonic.Invept] = ("invept", Sensitivity.Privileged),
        [Mnemonic.Invvpid] = ("invvpid", Sensitivity.Privileged),
        [Mnemonic.Vmrun] = ("vmrun", Sensitivity.Privileged),
        [Mnemonic.Vmload] = ("vmload", Sensitivity.Privileged),
        [Mnemonic.Vmsave] = ("vmsave", Sensitivity.Privileged),
        [Mnemonic.Stgi] = ("stgi", Sensitivity.Privileged),
        [Mnemonic.Clgi] = ("clgi", Sensitivity.Privileged),
        [Mnemonic.Skinit] = ("skinit", Sensitivity.Privileged),
        [Mnemonic.Invlpga] = ("invlpga", Sensitivity.Privileged),

        [Mnemonic.In] = ("in", Sensitivity.Ports),
        [Mnemonic.Out] = ("out", Sensitivity.Ports),
        [Mnemonic.Insb] = ("ins", Sensitivity.Ports),
        [Mnemonic.Insw] = ("ins", Sensitivity.Ports),
        [Mnemonic.Insd] = ("ins", Sensitivity.Ports),
        [Mnemonic.Outsb] = ("outs", Sensitivity.Ports),
        [Mnemonic.Outsw] = ("outs", Sensitivity.Ports),
        [Mnemonic.Outsd] = ("outs", Sensitivity.Ports),

        [Mnemonic.Int] = ("int", Sensitivity.Transfer),
        [Mnemonic.Int1] = ("int1", Sensitivity.Transfer),
        [Mnemonic.Sysenter] = ("sysenter", Sensitivity.Transfer),
        [Mnemonic.Sysexit] = ("sysexit", Sensitivity.Transfer),
        [Mnemonic.Syscall] = ("syscall", Sensitivity.Transfer),
        [Mnemonic.Sysret] = ("sysret", Sensitivity.Transfer),
        [Mnemonic.Retf] = ("lret", Sensitivity.Transfer),

        [Mnemonic.Cpuid] = ("cpuid", Sensitivity.HostFeature),
        [Mnemonic.Rdpmc] = ("rdpmc", Sensitivity.HostFeature),
        [Mnemonic.Umonitor] = ("umonitor", Sensitivity.HostFeature),
        [Mnemonic.Umwait] = ("umwait", Sensitivity.HostFeature),
        [Mnemonic.Tpause] = ("tpause", Sensitivity.HostFeature),
    };

    /// <summary>All names, for documentation and tests; the forms of mov, push and pop carry the register's kind.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. ByMnemonic.Values.Select(v => v.Name)
            .Concat(["mov-cr", "mov-dr", "mov-sreg", "push-sreg", "pop-sreg", "ljmp", "lcall"]).Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>Name and kind of a sensitive instruction; null for any other.</summary>
    public static (string Name, Sensitivity Why)? Classify(in Instruction instruction)
    {
        if (ByMnemonic.TryGetValue(instruction.Mnemonic, out (string, Sensitivity) found))
            return found;
        if (instruction.IsJmpFar || instruction.IsJmpFarIndirect)
            return ("ljmp", Sensitivity.Transfer);
        if (instruction.IsCallFar || instruction.IsCallFarIndirect)
            return ("lcall", Sensitivity.Transfer);
        string? verb = instruction.Mnemonic switch { Mnemonic.Mov => "mov", Mnemonic.Push => "push", Mnemonic.Pop => "pop", _ => null };
        if (verb is null)
            return null;
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) != OpKind.Register)
                continue;
            Register register = instruction.GetOpRegister(i);
            if (register.IsSegmentRegister())
                return (verb + "-sreg", Sensitivity.Segments);
            if (register.IsCR())
                return ("mov-cr", Sensitivity.Privileged);
            if (register.IsDR())
                return ("mov-dr", Sensitivity.Privileged);
        }
        return null;
    }
}
