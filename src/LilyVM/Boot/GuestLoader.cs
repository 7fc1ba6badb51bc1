using LilyVM.Boot.X64;
using LilyVM.Hypervisor.Shared;
using LilyVM.Memory;

namespace LilyVM.Boot;

/// <summary>Where a loaded guest starts.</summary>
/// <param name="Eip">Guest physical address of the first instruction.</param>
/// <param name="Esi">Linux: address of its zero page.</param>
/// <param name="Eax">Multiboot: its magic.</param>
/// <param name="Ebx">Multiboot: address of its information.</param>
/// <param name="PageTables">
/// Address of the tables of a guest that starts in 64-bit mode; 0 for one that starts unpaged in 32-bit mode.
/// </param>
internal readonly record struct EntryPoint(uint Eip, uint Esi, uint Eax, uint Ebx, uint PageTables = 0);

/// <summary>
/// Puts a converted kernel, its RAM disk or modules and its parameters into guest RAM, by Linux's 32-bit boot protocol or by multiboot.
/// </summary>
internal sealed class GuestLoader(KernelImage kernel, ulong ramBytes)
{
    private readonly MemoryMap memory = new(ramBytes);

    /// <summary>Refuses a kernel that does not fit, or has nowhere to start.</summary>
    internal void RequireFits()
    {
        if (kernel.End == 0)
            throw new LilyVMException($"{kernel.Name} has nothing to load; link it as an executable.");
        if (kernel.Parts.Any(p => p.Address < GuestLayout.HighStart))
            throw new LilyVMException(
                $"{kernel.Name} wants physical memory below 1 MiB, where its parameters go; link it at 1 MiB or above.");
        ulong least = kernel.End + GuestLayout.MinFreeRam;
        if (ramBytes < least)
        {
            throw new LilyVMException(
                $"{ramBytes >> 20} MiB of memory are too small for {kernel.Name}; give the guest at least {(least + 0xF_FFFF) >> 20}M.");
        }
        if (kernel.End > RamHole.Start)
            throw new LilyVMException(
                $"{kernel.Name} wants physical memory at 0x{kernel.End - 1:x}, where a PC has devices; link it below 0x{RamHole.Start:x}.");
        kernel.PhysicalEntry();
    }

    /// <summary>Loads a kernel that starts by multiboot into RAM, which is zeroed.</summary>
    internal EntryPoint LoadMultiboot(GuestRam ram, IReadOnlyList<LoadedModule> modules, string commandLine)
    {
        PlaceKernel(ram);
        foreach (LoadedModule module in modules)
            Place(ram, module.Place.Start, module.Bytes.Span);
        var information = new MultibootInfo
        {
            Memory = memory.Entries,
            CommandLine = $"{kernel.Name} {commandLine}", // as QEMU gives it: kernels skip the first word
            Modules = [.. modules.Select(m => m.Place)],
        };
        Place(ram, GuestLayout.MultibootInfo, information.Encode(GuestLayout.MultibootInfo, GuestLayout.MultibootInfoSize));
        return new EntryPoint((uint)kernel.PhysicalEntry(), 0, MultibootInfo.LoaderMagic, GuestLayout.MultibootInfo);
    }

    /// <summary>Loads a kernel that starts by Linux's protocol into RAM, which is zeroed.</summary>
    internal EntryPoint LoadLinux(GuestRam ram, IReadOnlyList<ReadOnlyMemory<byte>> ramdisks, string ramdiskName, string commandLine)
    {
        PlaceKernel(ram);
        Place(ram, GuestLayout.CommandLine, LinuxBootParams.EncodeCommandLine(commandLine));
        (uint address, uint size) = PlaceRamdisks(ram, ramdisks, ramdiskName);
        var parameters = new LinuxBootParams
        {
            Memory = memory.Entries,
            CommandLineAddress = GuestLayout.CommandLine,
            RamdiskAddress = address,
            RamdiskBytes = size,
        };
        Place(ram, GuestLayout.BootParams, parameters.Encode());
        return new EntryPoint((uint)kernel.PhysicalEntry(), GuestLayout.BootParams, 0, 0);
    }

    /// <summary>Leaves in low memory what a BIOS would.</summary>
    internal void PlaceBiosData(GuestRam ram, bool hasSecondSerial)
    {
        Place(ram, BiosDataArea.Address, BiosDataArea.Encode(hasSecondSerial, !kernel.IsMultiboot));
        Place(ram, GuestLayout.LowEnd, BiosDataArea.ExtendedArea.Span);
    }

    /// <summary>Puts page tables for a 64-bit kernel's start into low memory; returns the address of the root.</summary>
    internal static uint PlaceStartTables(GuestRam ram)
    {
        Place(ram, GuestLayout.StartTables, StartTables.Encode(GuestLayout.StartTables));
        return GuestLayout.StartTables;
    }

    private void PlaceKernel(GuestRam ram)
    {
        foreach (KernelPart part in kernel.Parts)
            Place(ram, part.Address, kernel.Bytes(part).Span);
    }

    private (uint Address, uint Size) PlaceRamdisks(GuestRam ram, IReadOnlyList<ReadOnlyMemory<byte>> ramdisks, string name)
    {
        long size = ramdisks.Sum(r => RamDisks.Aligned(r.Length));
        if (size == 0)
            return default;
        uint address = GuestLayout.RamdiskAddress(kernel.Architecture, memory, (uint)kernel.End, size, name), at = address;
        foreach (ReadOnlyMemory<byte> ramdisk in ramdisks)
        {
            Place(ram, at, ramdisk.Span);
            at += (uint)RamDisks.Aligned(ramdisk.Length);
        }
        return (address, (uint)size);
    }

    private static void Place(GuestRam ram, ulong address, ReadOnlySpan<byte> bytes)
    {
        if (!ram.TryGetSpan(address, (ulong)bytes.Length, out Span<byte> place))
            throw new InvalidOperationException($"0x{address:x} is not in RAM."); // RequireFits and ModuleFiles saw to it
        bytes.CopyTo(place);
    }
}
