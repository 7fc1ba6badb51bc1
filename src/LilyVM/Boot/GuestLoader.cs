using LilyVM.Memory;

namespace LilyVM.Boot;

/// <summary>Where a loaded guest starts.</summary>
/// <param name="Eip">Guest physical address of the first instruction.</param>
/// <param name="Esi">Linux: address of its zero page.</param>
/// <param name="Eax">Multiboot: its magic.</param>
/// <param name="Ebx">Multiboot: address of its information.</param>
internal readonly record struct EntryPoint(uint Eip, uint Esi, uint Eax, uint Ebx);

/// <summary>Puts a converted kernel, its RAM disk and its parameters into guest RAM, by Linux's 32-bit boot protocol or by multiboot.</summary>
internal sealed class GuestLoader(Elf32 kernel, uint ramBytes)
{
    /// <summary>End of what the kernel takes in physical memory, its zeroed part included.</summary>
    private readonly uint kernelEnd = kernel.LoadSegments.Select(s => s.PhysicalAddress + s.MemorySize).DefaultIfEmpty().Max();

    /// <summary>Whether the kernel starts by multiboot.</summary>
    internal bool IsMultiboot { get; } = MultibootInfo.IsMultiboot(kernel);

    /// <summary>Refuses a kernel that does not fit.</summary>
    internal void RequireFits()
    {
        if (kernelEnd == 0)
            throw new LilyVMException($"{kernel.FileName} has nothing to load; link it as an executable.");
        if (kernel.LoadSegments.Any(s => s.PhysicalAddress < GuestLayout.HighStart))
            throw new LilyVMException($"{kernel.FileName} wants physical memory below 1 MiB, where its parameters go; link it at 1 MiB or above.");
        ulong least = (ulong)kernelEnd + GuestLayout.MinFreeRam;
        if (ramBytes < least)
        {
            throw new LilyVMException(
                $"{ramBytes >> 20} MiB of memory are too small for {kernel.FileName}; give the guest at least {(least + 0xF_FFFF) >> 20}M.");
        }
    }

    /// <summary>Loads everything into RAM, which is zeroed.</summary>
    internal EntryPoint Load(GuestRam ram, IReadOnlyList<ReadOnlyMemory<byte>> ramdisks, string ramdiskName, string commandLine)
    {
        foreach (ElfSegment segment in kernel.LoadSegments)
            Place(ram, segment.PhysicalAddress, kernel.Bytes(segment).Span);
        Place(ram, GuestLayout.CommandLine, LinuxBootParams.EncodeCommandLine(commandLine));
        if (IsMultiboot)
        {
            Place(ram, GuestLayout.MultibootInfo, MultibootInfo.Encode(ramBytes, GuestLayout.CommandLine));
            return new EntryPoint(PhysicalEntry(), 0, MultibootInfo.LoaderMagic, GuestLayout.MultibootInfo);
        }
        (uint address, uint size) = PlaceRamdisks(ram, ramdisks, ramdiskName);
        var parameters = new LinuxBootParams
        {
            Memory = GuestLayout.Memory(ramBytes),
            CommandLineAddress = GuestLayout.CommandLine,
            RamdiskAddress = address,
            RamdiskBytes = size,
        };
        Place(ram, GuestLayout.BootParams, parameters.Encode());
        return new EntryPoint(PhysicalEntry(), GuestLayout.BootParams, 0, 0);
    }

    private (uint Address, uint Size) PlaceRamdisks(GuestRam ram, IReadOnlyList<ReadOnlyMemory<byte>> ramdisks, string name)
    {
        long size = ramdisks.Sum(r => RamDisks.Aligned(r.Length));
        if (size == 0)
            return default;
        uint address = GuestLayout.RamdiskAddress(ramBytes, kernelEnd, size, name), at = address;
        foreach (ReadOnlyMemory<byte> ramdisk in ramdisks)
        {
            Place(ram, at, ramdisk.Span);
            at += (uint)RamDisks.Aligned(ramdisk.Length);
        }
        return (address, (uint)size);
    }

    // Linux's entry point is a physical address; other kernels are entered where their virtual one is loaded.
    private uint PhysicalEntry()
    {
        foreach (ElfSegment segment in kernel.LoadSegments)
        {
            if (kernel.Entry - segment.PhysicalAddress < segment.MemorySize)
                return kernel.Entry;
        }
        foreach (ElfSegment segment in kernel.LoadSegments)
        {
            if (kernel.Entry - segment.VirtualAddress < segment.MemorySize)
                return kernel.Entry - segment.VirtualAddress + segment.PhysicalAddress;
        }
        throw new LilyVMException($"{kernel.FileName} starts at 0x{kernel.Entry:x}, where it loads nothing; link it again.");
    }

    private static void Place(GuestRam ram, uint address, ReadOnlySpan<byte> bytes)
    {
        if (!ram.TryGetSpan(address, (ulong)bytes.Length, out Span<byte> place))
            throw new InvalidOperationException($"0x{address:x} is not in RAM."); // RequireFits saw to it
        bytes.CopyTo(place);
    }
}
