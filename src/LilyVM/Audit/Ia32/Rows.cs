using Iced.Intel;

namespace LilyVM.Audit.Ia32;

/// <summary>What is sensitive in 32-bit code only, or spelled in another way there.</summary>
internal static class Rows
{
    internal static IReadOnlyList<SensitiveRow> All { get; } =
    [
        new("pushf", Sensitivity.InterruptFlag, Mnemonic.Pushf, Mnemonic.Pushfd),
        new("popf", Sensitivity.InterruptFlag, Mnemonic.Popf, Mnemonic.Popfd),
        new("iret", Sensitivity.InterruptFlag, Mnemonic.Iret, Mnemonic.Iretd),
        .. SensitiveRow.Plain(Sensitivity.Segments, Mnemonic.Arpl, Mnemonic.Lds, Mnemonic.Les),
        .. SensitiveRow.Plain(Sensitivity.Privileged, Mnemonic.Xsaves, Mnemonic.Xrstors),
        new("wruss", Sensitivity.Privileged, Mnemonic.Wrussd),
        .. SensitiveRow.Plain(Sensitivity.Transfer, Mnemonic.Sysexit, Mnemonic.Sysret),
    ];
}
