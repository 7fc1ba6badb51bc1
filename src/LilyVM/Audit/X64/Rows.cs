using Iced.Intel;

namespace LilyVM.Audit.X64;

/// <summary>What is sensitive in 64-bit code only, or spelled in another way there.</summary>
internal static class Rows
{
    internal static IReadOnlyList<SensitiveRow> All { get; } =
    [
        new("pushf", Sensitivity.InterruptFlag, Mnemonic.Pushf, Mnemonic.Pushfq),
        new("popf", Sensitivity.InterruptFlag, Mnemonic.Popf, Mnemonic.Popfq),
        new("iret", Sensitivity.InterruptFlag, Mnemonic.Iret, Mnemonic.Iretd, Mnemonic.Iretq),
        .. SensitiveRow.Plain(
            Sensitivity.Segments, Mnemonic.Swapgs, Mnemonic.Lkgs, Mnemonic.Rdfsbase, Mnemonic.Rdgsbase, Mnemonic.Wrfsbase,
            Mnemonic.Wrgsbase),
        new("xsaves", Sensitivity.Privileged, Mnemonic.Xsaves, Mnemonic.Xsaves64),
        new("xrstors", Sensitivity.Privileged, Mnemonic.Xrstors, Mnemonic.Xrstors64),
        new("wruss", Sensitivity.Privileged, Mnemonic.Wrussd, Mnemonic.Wrussq),
        .. SensitiveRow.Plain(
            Sensitivity.Privileged, Mnemonic.Invlpgb, Mnemonic.Tlbsync, Mnemonic.Wrmsrns, Mnemonic.Rdmsrlist, Mnemonic.Wrmsrlist,
            Mnemonic.Hreset),
        .. SensitiveRow.Plain(Sensitivity.Transfer, Mnemonic.Erets, Mnemonic.Eretu),
        new("sysexit", Sensitivity.Transfer, Mnemonic.Sysexit, Mnemonic.Sysexitq),
        new("sysret", Sensitivity.Transfer, Mnemonic.Sysret, Mnemonic.Sysretq),
    ];
}
