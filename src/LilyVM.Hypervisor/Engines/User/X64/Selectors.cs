namespace LilyVM.Hypervisor.Engines.User;

/// <summary>Selectors of the host's 64-bit programs (Linux: arch/x86/include/asm/segment.h). A guest is Linux, or chooses others.</summary>
internal static class Selectors
{
    /// <summary>Code and data of programs.</summary>
    public const ulong ProgramCode = 0x33, ProgramData = 0x2B;

    /// <summary>Code of the kernel.</summary>
    public const ulong KernelCode = 0x10;
}
