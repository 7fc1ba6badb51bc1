using LilyVM.Abi;

namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// What the sources that both architectures share must know of the guest's. The compiler leaves out what is not this one's.
/// </summary>
internal static class Architecture
{
    /// <summary>The number of the last general register; all ones in binary.</summary>
    public const uint LastRegister = 7;

    /// <summary>Whether the guest runs 64-bit code. No constant, which would make code unreachable.</summary>
    public static bool Is64Bit => false;

    /// <summary>Whether an address belongs to the VM area, which is nobody's memory but the library's.</summary>
    public static bool IsVmArea(Word gva) => gva >= VmArea.Base;

    /// <summary>1 for an address where kernels are, in the last gigabyte; else 0.</summary>
    public static uint IsKernels(Word gva) => gva >> 31 & gva >> 30;
}
