namespace LilyVM.Hypervisor.Guest;

/// <summary>Bits of IA32_EFER (SDM vol. 3, table 2-1).</summary>
internal static class ExtendedFeatures
{
    /// <summary>SCE: SYSCALL and SYSRET.</summary>
    public const ulong SystemCalls = 1;

    /// <summary>LME and LMA: 64-bit mode is on, and stays on.</summary>
    public const ulong LongMode = 1 << 8 | 1 << 10;

    /// <summary>NXE: bit 63 of page-table entries forbids execution.</summary>
    public const ulong NoExecute = 1 << 11;
}
