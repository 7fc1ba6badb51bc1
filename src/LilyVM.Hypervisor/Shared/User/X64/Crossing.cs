using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Shared.User;

/// <summary>
/// The page through which registers go where PKRU changes, at <see cref="Layout.Crossing"/>: programs may touch it, for WRPKRU wants three
/// registers, and behind it, or before it, no other memory can be read. What is in it counts only between two instructions of the library
/// or the stub.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Crossing
{
    /// <summary>In the kind of a window of the library: RAX, RCX and RDX are here.</summary>
    public const uint Window = 0x100;

    /// <summary>The registers that WRPKRU wants.</summary>
    public ulong Ax, Cx, Dx;

    /// <summary>What IRETQ takes to a program.</summary>
    public ulong Ip, Cs, Flags, Sp, Ss;
}
