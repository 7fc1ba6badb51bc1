using System.Globalization;
using LilyVM.Boot;
using LilyVM.Boot.X64;
using LilyVM.Devices.Disks;

namespace LilyVM.Native;

/// <summary>
/// Turns a <see cref="QemuBoot"/> into files and a QEMU command line. The machine is microvm, which has what our guests know (serial
/// port, 8259, 8254, clock, virtio-mmio) and nothing else; <see cref="BootRom"/> is its firmware, and QEMU's generic loader places
/// everything else.
/// </summary>
public static class QemuCommand
{
    /// <summary>
    /// Most drives: microvm connects eight virtio-mmio slots to the 8259 (hw/i386/microvm.c), one of them to the clock's input.
    /// </summary>
    public const int MaxDrives = 7;

    private const uint VirtioMmioBase = 0xFEB0_0000, VirtioMmioSize = 0x200;
    private const int VirtioMmioFirstIrq = 5, ClockIrq = 8;

    private static readonly string[] Machine =
    [
        "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-accel", "tcg",
        "-M", "microvm,pit=on,pic=on,rtc=on,isa-serial=on,acpi=off,auto-kernel-cmdline=off,x-option-roms=off",
        "-global", "virtio-mmio.force-legacy=false",
    ];

    /// <summary>
    /// Writes the pieces that QEMU loads into <paramref name="directory"/> and returns QEMU's command line, all but the console's.
    /// </summary>
    public static QemuLine Prepare(QemuBoot boot, string directory) => Prepare(boot, (name, bytes) =>
    {
        string path = Path.Combine(directory, name);
        File.WriteAllBytes(path, bytes);
        return path;
    });

    /// <summary>
    /// The same with the pieces kept by <paramref name="store"/>, which takes a name and the bytes and gives the path that QEMU opens.
    /// </summary>
    internal static QemuLine Prepare(QemuBoot boot, Func<string, byte[], string> store, bool hasSecondSerial = false)
    {
        ArgumentNullException.ThrowIfNull(boot);
        var kernel = new KernelImage(Elf.Load(boot.Kernel));
        var target = NativeTarget.Of(kernel.Architecture);
        MemoryMap memory = NativeLayout.RequireMemory(target, boot.MemoryBytes);
        NativeLayout.RequireFits(kernel, memory.LowEnd);
        var arguments = new List<string>(Machine) { "-cpu", target.Cpu(boot.Cpu), "-m",
            target.RamMiB(memory).ToString(CultureInfo.InvariantCulture) };
        void Load(string name, ReadOnlyMemory<byte> bytes, uint address) =>
            arguments.AddRange(["-device", $"loader,file={Escape(store(name, bytes.ToArray()))},addr=0x{address:x},force-raw=on"]);

        if (boot.Drives.Count > MaxDrives)
            throw new LilyVMException($"{boot.Drives.Count} drives were given; the machine has room for {MaxDrives}.");
        ReadOnlyMemory<byte> image = kernel.File.Image;
        byte[] library = [];
        if (!boot.AllowUnconverted || ConversionNotes.Read(kernel.File).IsConverted)
        {
            image = NativeKernel.UndoInlineSites(kernel.File);
            library = target.Library(boot.Library);
            Load("vmlib", library, target.LibraryAddress);
        }
        if (kernel.HasOwnAddresses)
            Load("part", image.Slice(kernel.Parts[0].FileOffset, kernel.Parts[0].FileSize), (uint)kernel.Parts[0].Address);
        else
            // an ELF file: goes to its physical addresses
            arguments.AddRange(["-device", $"loader,file={Escape(store("kernel", image.ToArray()))}"]);
        Load("bios", BiosDataArea.Encode(hasSecondSerial, forLinux: !kernel.IsMultiboot), BiosDataArea.Address);
        Load("ebda", BiosDataArea.ExtendedArea, NativeLayout.LowEnd);
        EntryPoint start = kernel.IsMultiboot ? PlaceMultiboot(kernel, boot, memory, Load) : PlaceLinux(target, kernel, boot, memory, Load);
        bool callsRom = target.Architecture == GuestArchitecture.Ia32;
        arguments.AddRange(["-bios", store("rom", BootRom.Build(start, NativeLayout.StackTop, callsRom ? library : default))]);
        arguments.AddRange(boot.Drives.SelectMany(DriveArguments));
        return new QemuLine(target.Program, arguments);
    }

    private static EntryPoint PlaceLinux(
        NativeTarget target, KernelImage kernel, QemuBoot boot, MemoryMap memory, Action<string, ReadOnlyMemory<byte>, uint> load)
    {
        ModuleFiles.Of(kernel, boot.Initrd, boot.Modules); // it takes none
        byte[] file = boot.Initrd is null ? [] : UserFile.Read(boot.Initrd, "the RAM disk ");
        RamDiskInit.Require(file, kernel.Architecture, boot.Initrd ?? "");
        byte[] ramdisk = RamDisks.Join(file, boot.InitrdSupplement);
        uint ramdiskAddress = ramdisk.Length == 0 ? 0 : NativeLayout.RamdiskAddress(target, kernel, memory.LowEnd, ramdisk.Length,
            boot.Initrd ?? "");
        if (ramdisk.Length > 0)
            load("initrd", ramdisk, ramdiskAddress);
        var parameters = new LinuxBootParams
        {
            Memory = memory.Entries,
            CommandLineAddress = NativeLayout.CommandLine,
            RamdiskAddress = ramdiskAddress,
            RamdiskBytes = (uint)ramdisk.Length,
        };
        load("bootparams", parameters.Encode(), NativeLayout.BootParams);
        load("cmdline", LinuxBootParams.EncodeCommandLine(CommandLine(boot, target)), NativeLayout.CommandLine);
        bool isWide = target.Architecture == GuestArchitecture.X64;
        if (isWide)
            load("pagetables", StartTables.Encode(NativeLayout.PageTables), NativeLayout.PageTables);
        return new EntryPoint((uint)kernel.PhysicalEntry(), NativeLayout.BootParams, 0, 0, isWide ? NativeLayout.PageTables : 0);
    }

    private static EntryPoint PlaceMultiboot(
        KernelImage kernel, QemuBoot boot, MemoryMap memory, Action<string, ReadOnlyMemory<byte>, uint> load)
    {
        using var files = new GuestFiles();
        IReadOnlyList<ModuleOptions> wanted = ModuleFiles.Of(kernel, boot.Initrd, boot.Modules);
        IReadOnlyList<LoadedModule> modules = ModuleFiles.Read(files, kernel, wanted, memory.LowEnd);
        for (int i = 0; i < modules.Count; i++)
            load(string.Create(CultureInfo.InvariantCulture, $"module{i}"), modules[i].Bytes, modules[i].Place.Start);
        var information = new MultibootInfo
        {
            Memory = memory.Entries,
            CommandLine = $"{kernel.Name} {boot.CommandLine}",
            Modules = [.. modules.Select(m => m.Place)],
        };
        load("multiboot", information.Encode(NativeLayout.MultibootInfo, NativeLayout.MultibootInfoSize), NativeLayout.MultibootInfo);
        return new EntryPoint((uint)kernel.PhysicalEntry(), 0, MultibootInfo.LoaderMagic, NativeLayout.MultibootInfo);
    }

    /// <summary>What connects a second serial port, beside the one of -serial: where a PC has its COM2.</summary>
    internal static string[] SecondPort(string characterDevice) => ["-device", $"isa-serial,chardev={characterDevice},iobase=0x2f8,irq=3"];

    /// <summary>
    /// What a <see cref="NativeMachine"/> needs: a monitor, a processor that waits for it and stands still at its end, the port at which
    /// a test guest ends with a status, and a log that tells a triple fault.
    /// </summary>
    internal static string[] ForNativeMachine(string log) =>
    [
        "-qmp", "stdio", "-S", "-action", "reboot=shutdown,shutdown=pause", "-d", "cpu_reset", "-D", log, "-device",
        "isa-debug-exit,iobase=0xf4,iosize=1",
    ];

    private static string CommandLine(QemuBoot boot, NativeTarget target)
    {
        var devices = boot.Drives.Select((_, drive) => Slot(drive)).Select(slot =>
            $"virtio_mmio.device={VirtioMmioSize}@0x{VirtioMmioBase + slot * VirtioMmioSize:x}:{VirtioMmioFirstIrq + slot}");
        // In front, because what follows "--" belongs to init.
        return string.Join(' ', [.. devices, boot.CommandLine ?? target.LinuxOptions]);
    }

    // The clock's driver shares its interrupt with nobody.
    private static int Slot(int drive) => VirtioMmioFirstIrq + drive < ClockIrq ? drive : drive + 1;

    /// <summary>What QEMU calls the drive of that number.</summary>
    internal static string DriveName(int number) => string.Create(CultureInfo.InvariantCulture, $"disk{number}");

    private static string[] DriveArguments(QemuDrive drive, int number)
    {
        ImageFile.Check(drive.Path);
        if (!File.Exists(drive.Path))
            throw new LilyVMException($"Cannot read the disk image {drive.Path}: there is no such file.");
        string snapshot = drive.KeepWrites ? "off" : "on", readOnly = drive.ReadOnly ? "on" : "off";
        string path = Path.GetFullPath(drive.Path); // QEMU takes what stands before a colon for a protocol, unless a slash comes first
        return
        [
            "-drive", $"id={DriveName(number)},file={Escape(path)},format=raw,if=none,snapshot={snapshot},readonly={readOnly}",
            "-device", $"virtio-blk-device,drive={DriveName(number)},bus=virtio-mmio-bus.{Slot(number)},werror=report,rerror=report",
        ];
    }

    // QEMU's option parser takes a doubled comma for a comma.
    private static string Escape(string path) => path.Replace(",", ",,", StringComparison.Ordinal);
}
