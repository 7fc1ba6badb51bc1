using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Shared.Kernel;

/// <summary>
/// /dev/lilyvm. One open file is one machine. mmap gives the <see cref="RunRecord"/> at offset 0 and the VM area at <see
/// cref="VmAreaOffset"/>, both after <see cref="Create"/>.
/// </summary>
internal static class ModuleInterface
{
    /// <summary>Type of the ioctls, and their numbers; see include/uapi/asm-generic/ioctl.h of Linux.</summary>
    public const uint Type = 'L', VersionNumber = 0, CreateNumber = 1, RunNumber = 2, KickNumber = 3;

    /// <summary>Returns <see cref="ImageHeader.CurrentVersion"/> of the module.</summary>
    public const uint Version = Type << 8 | VersionNumber;

    /// <summary>Makes the machine; argument <see cref="CreateArgument"/>. Once for each open file.</summary>
    public const uint Create = 1u << 30 | 24 << 16 | Type << 8 | CreateNumber;

    /// <summary>
    /// Lets the guest run until an exit, which <see cref="RunRecord.ExitReason"/> tells; EINTR if a signal is pending. One thread at a
    /// time, of the process that made the machine.
    /// </summary>
    public const uint Run = Type << 8 | RunNumber;

    /// <summary>Makes the hypervisor look at what changed in the <see cref="RunRecord"/>. From any thread.</summary>
    public const uint Kick = Type << 8 | KickNumber;

    /// <summary>Where mmap finds the VM area.</summary>
    public const uint VmAreaOffset = 0x10_0000;
}

/// <summary>Argument of <see cref="ModuleInterface.Create"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CreateArgument
{
    /// <summary>Where guest RAM is mapped, readable and writable, in the calling process; page-aligned.</summary>
    public ulong RamAddress;

    /// <summary>Bytes, a multiple of 4 KiB, at most <see cref="KernelLayout.MaxRam"/>.</summary>
    public ulong RamSize;

    /// <summary>Pages for shadow page tables at most, 64 to <see cref="KernelLayout.MaxPoolPages"/>.</summary>
    public uint MaxPoolPages;

    /// <summary>0.</summary>
    public uint Reserved;
}
