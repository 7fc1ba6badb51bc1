using System.Globalization;
using LilyVM.Boot;
using LilyVM.Daemons;
using LilyVM.Devices.Disks;
using LilyVM.Devices.VhostUser;

namespace LilyVM;

/// <summary>Refuses what a machine cannot be made of, each with a sentence.</summary>
internal static class MachineChecks
{
    private const uint PageSize = 0x1000;

    /// <summary>
    /// Checks the size of the RAM, in bytes. The architecture is null while it is not known, and the most is what any guest can have; the
    /// host's is null if the host does not say.
    /// </summary>
    internal static ulong Ram(long bytes, GuestArchitecture? architecture, long? hostBytes)
    {
        if (bytes < GuestLayout.MinFreeRam)
            throw new LilyVMException($"{Describe(bytes)} of memory are too small for any guest; give it at least " +
                $"{GuestLayout.MinFreeRam >> 20}M.");
        var most = (long)(architecture?.MaxRam ?? GuestArchitecture.All.Max(a => a.MaxRam));
        string guest = architecture is null ? "a guest" : $"an {architecture.Name} guest";
        if (bytes > most)
            throw new LilyVMException($"{Describe(bytes)} of memory are more than {guest} can have; give it at most {most >> 20}M.");
        if (bytes % PageSize != 0)
            throw new LilyVMException($"Guest memory comes in pages of 4 KiB, of which {bytes} bytes are no multiple.");
        if (hostBytes is { } host && bytes > host)
            throw new LilyVMException($"{Describe(bytes)} of memory are more than this host's {Describe(host)}; give the guest less.");
        return (ulong)bytes;
    }

    /// <summary>
    /// Checks the drives of a machine with room for so many: that each can hold a disk, and that what one writes is not another's too.
    /// </summary>
    internal static void Drives(IReadOnlyList<DriveOptions> drives, int most = MachineOptions.MaxDrives)
    {
        if (drives.Count > most)
            throw new LilyVMException($"{drives.Count} drives were given; the machine has room for {most}.");
        for (int i = 0; i < drives.Count; i++)
        {
            DriveOptions drive = drives[i];
            ServedDisk.Check(drive);
            if (!drive.IsServed)
                ImageFile.Check(drive.Path);
            if (drives.Take(i).FirstOrDefault(d => (d.WritesImage || drive.WritesImage)
                && ImageFile.AreSame(d.Path, drive.Path)) is { } other)
            {
                throw new LilyVMException($"The drives {other.Path} and {drive.Path} are the same image: make both read-only or " +
                    "snapshots, or give each its own.");
            }
        }
    }

    /// <summary>Checks what other processes are to serve, as far as that can be done before they are asked.</summary>
    internal static void Devices(IReadOnlyList<ShareOptions> shares, IReadOnlyList<VhostUserOptions> devices)
    {
        SharedFolder.Check(shares);
        foreach (VhostUserOptions device in devices)
            VhostUserConnector.Check(device);
    }

    /// <summary>Reads what goes into the RAM disk of a guest that has one.</summary>
    internal static ReadOnlyMemory<byte>[] Ramdisks(GuestFiles files, MachineOptions options, KernelImage kernel)
    {
        if (kernel.IsMultiboot && !options.InitrdSupplement.IsEmpty)
            throw new LilyVMException($"{kernel.Name} starts by multiboot, so it has no RAM disk to put a script into; leave out the " +
                "script.");
        if (kernel.IsMultiboot)
            return [];
        ReadOnlyMemory<byte> file = options.Initrd is { } path ? files.Read(path, "the RAM disk ") : default;
        RamDiskInit.Require(file, kernel.Architecture, options.Initrd ?? "");
        return options.InitrdSupplement.IsEmpty ? [file] : [file, options.InitrdSupplement];
    }

    private static string Describe(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB");
}
