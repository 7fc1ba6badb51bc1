namespace LilyVM.Boot;

/// <summary>Where the VM process puts what in guest physical memory before the guest starts. Bytes and addresses.</summary>
internal static class GuestLayout
{
    /// <summary>Top of the stack that the guest has until it sets up its own; it grows down to the end of the BIOS data area.</summary>
    internal const uint StackTop = 0x8_F000;

    /// <summary>Page tables of a 64-bit kernel's start, below the stack.</summary>
    internal const uint StartTables = 0x7_0000;

    /// <summary>Linux's zero page.</summary>
    internal const uint BootParams = 0x9_0000;

    /// <summary>Linux's command line.</summary>
    internal const uint CommandLine = 0x9_1000;

    /// <summary>The multiboot information.</summary>
    internal const uint MultibootInfo = 0x9_2000;

    /// <summary>Room for it with all its strings.</summary>
    internal const uint MultibootInfoSize = 0xD000;

    /// <summary>End of the RAM that a PC has for its system below the video memory; the BIOS's extended data area begins here.</summary>
    internal const uint LowEnd = 0x9_FC00;

    /// <summary>End of that area.</summary>
    internal const uint ExtendedBiosEnd = 0xA_0000;

    /// <summary>Start of the rest.</summary>
    internal const uint HighStart = 0x10_0000;

    /// <summary>
    /// First address of the virtio-mmio devices, one page each: above the largest RAM, below <see cref="Abi.VmArea.Base"/>.
    /// </summary>
    internal const uint VirtioMmio = 0xD000_0000;

    /// <summary>Bytes of one of them.</summary>
    internal const uint VirtioMmioSize = 0x1000;

    /// <summary>Largest RAM: what lies above it belongs to devices.</summary>
    internal const uint MaxRam = 0xC000_0000;

    /// <summary>The least RAM beyond the kernel's own.</summary>
    internal const uint MinFreeRam = 16 << 20;

    // Below Linux's low memory limit whatever it reserves for vmalloc, so that it need not copy the RAM disk.
    private const uint RamdiskEnd = 0x3000_0000;

    /// <summary>The memory map of a guest with so much RAM.</summary>
    internal static IReadOnlyList<E820Entry> Memory(uint ramBytes) =>
    [
        new(0, LowEnd, E820Type.Usable),
        new(LowEnd, ExtendedBiosEnd - LowEnd, E820Type.Reserved),
        new(HighStart, ramBytes - HighStart, E820Type.Usable),
    ];

    /// <summary>The highest place for a RAM disk above a kernel.</summary>
    internal static uint RamdiskAddress(uint ramBytes, uint kernelEnd, long size, string fileName)
    {
        long address = (Math.Min(ramBytes, RamdiskEnd) - size) & ~0xFFFL;
        if (address < kernelEnd)
        {
            throw new LilyVMException(
                $"The RAM disk {fileName} ({size >> 20} MiB) does not fit into memory beside the kernel; give the guest more memory or a disk image.");
        }
        return (uint)address;
    }
}
