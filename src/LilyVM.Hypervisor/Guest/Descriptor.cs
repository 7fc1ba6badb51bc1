using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// A descriptor of the guest's GDT or LDT (SDM vol. 3, 3.4.5). In 64-bit mode those of the LDT and of tasks have a second half (7.2.3).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Descriptor
{
    /// <summary>Its two words.</summary>
    public uint Low, High;

    /// <summary>Where it lies.</summary>
    public Word Address;

    /// <summary>
    /// Bits of <see cref="High"/>; <see cref="Segment"/> is clear in system descriptors, <see cref="Busy"/> is of a TSS, <see cref="Wide"/>
    /// marks 64-bit code.
    /// </summary>
    public const uint Present = 1 << 15, Segment = 1 << 12, Code = 1 << 11, ConformingOrDown = 1 << 10, ReadableOrWritable = 1 << 9,
        Accessed = 1 << 8,
        Busy = 1 << 9, Wide = 1 << 21, Default = 1 << 22, Granularity = 1 << 23;

    /// <summary>Privilege level.</summary>
    public readonly uint Level => High >> 13 & 3;

    /// <summary>Type field, of a system descriptor or gate.</summary>
    public readonly uint Type => High >> 8 & 15;

    /// <summary>Linear address of its first byte, of a descriptor without a second half.</summary>
    public readonly uint Base => Low >> 16 | (High & 0xFF) << 16 | (High & 0xFF00_0000);

    /// <summary>Last offset inside.</summary>
    public readonly uint Limit
    {
        get
        {
            uint limit = (Low & 0xFFFF) | (High & 0xF_0000);
            return (High & Granularity) != 0 ? limit << 12 | 0xFFF : limit;
        }
    }

    /// <summary>Whether all these bits of the second word are set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Is(uint bits) => (High & bits) == bits;
}
