using LilyVM.Boot;

namespace LilyVM.Native;

/// <summary>
/// Where a native machine keeps what in guest physical memory. Converted and unconverted kernels get the same map, so that their
/// transcripts can be compared; the top of RAM is the library's (<see cref="NativeTarget.LibraryAddress"/>) in both cases.
/// </summary>
internal static class NativeLayout
{
    internal const uint StackTop = 0x1_0000, BootParams = 0x1_0000, CommandLine = 0x1_1000, MultibootInfo = 0x1_2000,
        MultibootInfoSize = 0xD000;
    internal const uint PageTables = 0x2_0000;
    internal const uint LowEnd = GuestLayout.LowEnd, HighStart = GuestLayout.HighStart;

    /// <summary>
    /// Where so much memory lies: below the library, and what does not fit there from 4 GiB on; refused if there is no such machine.
    /// </summary>
    internal static MemoryMap RequireMemory(NativeTarget target, long bytes)
    {
        if (bytes > target.MaxMemoryBytes)
            throw new LilyVMException(
                $"{bytes >> 20} MiB of memory are more than the machine of QEMU has; give the guest at most " +
                $"{target.MaxMemoryBytes >> 20}M.");
        return new MemoryMap(MachineChecks.Ram(bytes, target.Architecture, hostBytes: null), target.LibraryAddress);
    }

    /// <summary>Refuses a kernel that would overwrite what else is in memory.</summary>
    internal static void RequireFits(KernelImage kernel, uint memoryEnd)
    {
        foreach (KernelPart part in kernel.Parts)
        {
            if (part.Address < HighStart || part.Address + part.MemorySize > memoryEnd)
            {
                throw new LilyVMException(
                    $"{kernel.Name} wants physical memory at 0x{part.Address:x}, outside 0x{HighStart:x} to 0x{memoryEnd:x}; " +
                    "link it there.");
            }
        }
    }

    /// <summary>The highest place for a RAM disk.</summary>
    internal static uint RamdiskAddress(NativeTarget target, KernelImage kernel, uint memoryEnd, long size, string fileName)
    {
        long address = (Math.Min(memoryEnd, target.Architecture.RamdiskEnd) - size) & ~0xFFFL;
        if (address < (long)kernel.End)
            throw new LilyVMException($"{fileName} is too large for a RAM disk ({size / 1024 / 1024} MiB); use a disk image and --drive.");
        return (uint)address;
    }
}
