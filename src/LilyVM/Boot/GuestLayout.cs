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
    /// First address of the virtio-mmio devices, one page each: in the hole between the parts of RAM, below <see cref="Abi.VmArea.Base"/>.
    /// </summary>
    internal const uint VirtioMmio = 0xD000_0000;

    /// <summary>Bytes of one of them.</summary>
    internal const uint VirtioMmioSize = 0x1000;

    /// <summary>The least RAM beyond the kernel's own.</summary>
    internal const uint MinFreeRam = 16 << 20;

    /// <summary>The highest place for a RAM disk above a kernel.</summary>
    internal static uint RamdiskAddress(GuestArchitecture architecture, MemoryMap memory, uint kernelEnd, long size, string fileName)
    {
        long address = (Math.Min(memory.LowEnd, architecture.RamdiskEnd) - size) & ~0xFFFL;
        if (address < kernelEnd)
        {
            throw new LilyVMException(
                $"The RAM disk {fileName} ({size >> 20} MiB) does not fit into memory beside the kernel; give the guest more memory or a " +
                "disk image.");
        }
        return (uint)address;
    }
}
