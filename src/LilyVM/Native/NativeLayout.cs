using LilyVM.Abi;
using LilyVM.Boot;

namespace LilyVM.Native;

/// <summary>
/// Where a native machine keeps what in guest physical memory. Converted and unconverted kernels get the same map, so that their transcripts can
/// be compared; the top of RAM is the library's (<see cref="VmArea.UnpagedAlias"/>) in both cases.
/// </summary>
internal static class NativeLayout
{
    internal const int RamMiB = 1024;
    internal const uint StackTop = 0x1_0000, BootParams = 0x1_0000, CommandLine = 0x1_1000;
    internal const uint LowEnd = 0x9_FC00, HighStart = 0x10_0000, HighEnd = VmArea.UnpagedAlias;

    // Below Linux's low memory limit whatever it reserves for vmalloc, so that it need not copy the RAM disk.
    private const uint RamdiskEnd = 0x3000_0000;

    internal static IReadOnlyList<E820Entry> Memory { get; } =
    [
        new(0, LowEnd, E820Type.Usable),
        new(HighStart, HighEnd - HighStart, E820Type.Usable),
    ];

    /// <summary>Refuses a kernel that would overwrite what else is in memory.</summary>
    internal static void RequireFits(Elf32 kernel)
    {
        foreach (ElfSegment segment in kernel.LoadSegments)
        {
            if (segment.PhysicalAddress < HighStart || (ulong)segment.PhysicalAddress + segment.MemorySize > HighEnd)
            {
                throw new LilyVMException(
                    $"{kernel.FileName} wants physical memory at 0x{segment.PhysicalAddress:x}, outside 0x{HighStart:x} to 0x{HighEnd:x}; link it there.");
            }
        }
    }

    /// <summary>The highest place for a RAM disk.</summary>
    internal static uint RamdiskAddress(Elf32 kernel, long size, string fileName)
    {
        uint kernelEnd = kernel.LoadSegments.Max(s => s.PhysicalAddress + s.MemorySize);
        long address = (RamdiskEnd - size) & ~0xFFFL;
        if (address < kernelEnd)
            throw new LilyVMException($"{fileName} is too large for a RAM disk ({size / 1024 / 1024} MiB); use a disk image and --drive.");
        return (uint)address;
    }
}
