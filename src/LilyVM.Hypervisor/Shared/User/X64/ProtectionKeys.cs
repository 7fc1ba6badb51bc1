namespace LilyVM.Hypervisor.Shared.User;

/// <summary>
/// Protection keys (SDM vol. 3, 4.6.2): pages of the guest's kernel and of the stub have one of their own, all others key 0. PKRU says
/// which keys data may be read and written through; code is fetched through any. A program can change PKRU, so this keeps accidents away,
/// not attacks.
/// </summary>
internal static class ProtectionKeys
{
    /// <summary>Of the kernel's pages and the stub's: the first one that the host gives a new process.</summary>
    public const uint Kernel = 1;

    /// <summary>PKRU while a program runs: key 0 only. Linux starts signal handlers with the same.</summary>
    public const uint ProgramRights = 0x5555_5554;

    /// <summary>Bit of a page fault's error code: PKRU forbids the access (SDM vol. 3, 4.7).</summary>
    public const uint ErrorCode = 0x20;

    /// <summary>The state component of XSAVE that is PKRU (SDM vol. 1, 13.1).</summary>
    public const ulong StateComponent = 1 << 9;
}
