namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// What the sources that both architectures share must know of the guest's. The compiler leaves out what is not this one's.
/// </summary>
internal static class Architecture
{
    private const int KernelBit = 46;

    /// <summary>The number of the last general register; all ones in binary.</summary>
    public const uint LastRegister = 15;

    /// <summary>Whether the guest runs 64-bit code. No constant, which would make code unreachable.</summary>
    public static bool Is64Bit => true;

    /// <summary>Whether an address belongs to the VM area, which is nobody's memory but the library's.</summary>
    public static bool IsVmArea(Word gva) => gva - VmArea.Base < VmArea.MappedSize;

    /// <summary>1 for an address where moved kernels have their memory, from 64 TiB up; else 0.</summary>
    public static uint IsKernels(Word gva) => (uint)(gva >> KernelBit) & 1;
}
