using Iced.Intel;

namespace LilyVM.Audit;

/// <summary>What is sensitive in 32-bit and in 64-bit code alike, by mnemonic.</summary>
internal static class SharedRows
{
    internal static IReadOnlyList<SensitiveRow> All { get; } =
    [
        .. SensitiveRow.Plain(Sensitivity.InterruptFlag, Mnemonic.Cli, Mnemonic.Sti),
        .. SensitiveRow.Plain(
            Sensitivity.Segments,
            Mnemonic.Sgdt, Mnemonic.Sidt, Mnemonic.Sldt, Mnemonic.Str, Mnemonic.Smsw, Mnemonic.Lar, Mnemonic.Lsl, Mnemonic.Verr,
            Mnemonic.Verw,
            Mnemonic.Lfs, Mnemonic.Lgs, Mnemonic.Lss),
        .. SensitiveRow.Plain(
            Sensitivity.Privileged,
            Mnemonic.Hlt, Mnemonic.Lgdt, Mnemonic.Lidt, Mnemonic.Lldt, Mnemonic.Ltr, Mnemonic.Lmsw, Mnemonic.Clts, Mnemonic.Invd,
            Mnemonic.Wbinvd, Mnemonic.Wbnoinvd,
            Mnemonic.Invlpg, Mnemonic.Invpcid, Mnemonic.Rdmsr, Mnemonic.Wrmsr, Mnemonic.Xsetbv, Mnemonic.Clac, Mnemonic.Stac,
            Mnemonic.Monitor, Mnemonic.Mwait,
            Mnemonic.Monitorx, Mnemonic.Mwaitx, Mnemonic.Rsm, Mnemonic.Getsec, Mnemonic.Setssbsy, Mnemonic.Clrssbsy, Mnemonic.Vmlaunch,
            Mnemonic.Vmresume,
            Mnemonic.Vmread, Mnemonic.Vmwrite, Mnemonic.Vmptrld, Mnemonic.Vmptrst, Mnemonic.Vmclear, Mnemonic.Vmxon, Mnemonic.Vmxoff,
            Mnemonic.Invept,
            Mnemonic.Invvpid, Mnemonic.Vmrun, Mnemonic.Vmload, Mnemonic.Vmsave, Mnemonic.Stgi, Mnemonic.Clgi, Mnemonic.Skinit,
            Mnemonic.Invlpga),
        .. SensitiveRow.Plain(Sensitivity.Ports, Mnemonic.In, Mnemonic.Out),
        new("ins", Sensitivity.Ports, Mnemonic.Insb, Mnemonic.Insw, Mnemonic.Insd),
        new("outs", Sensitivity.Ports, Mnemonic.Outsb, Mnemonic.Outsw, Mnemonic.Outsd),
        .. SensitiveRow.Plain(Sensitivity.Transfer, Mnemonic.Int, Mnemonic.Int1, Mnemonic.Sysenter, Mnemonic.Syscall),
        new("lret", Sensitivity.Transfer, Mnemonic.Retf),
        .. SensitiveRow.Plain(Sensitivity.HostFeature, Mnemonic.Cpuid, Mnemonic.Rdpmc, Mnemonic.Umonitor, Mnemonic.Umwait, Mnemonic.Tpause),
    ];
}
