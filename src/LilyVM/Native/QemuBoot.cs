using LilyVM.Boot;

namespace LilyVM.Native;

/// <summary>A disk of a native machine: a raw image, the guest's /dev/vda, vdb and so on in order.</summary>
/// <param name="Path">The image file.</param>
/// <param name="KeepWrites">False: what the guest writes is forgotten at the end.</param>
/// <param name="ReadOnly">The guest cannot write to it.</param>
public sealed record QemuDrive(string Path, bool KeepWrites = true, bool ReadOnly = false);

/// <summary>What a native machine shall boot.</summary>
public sealed record QemuBoot
{
    /// <summary>The RAM of a guest if nothing else is asked for: what each kind of machine has room for.</summary>
    public const long DefaultMemoryBytes = Abi.VmArea.UnpagedAlias;

    /// <summary>The kernel, an ELF executable that is loaded at its physical addresses.</summary>
    public required string Kernel { get; init; }

    /// <summary>Whether a kernel that was not converted may boot too, as the reference that a converted one is compared with.</summary>
    public bool AllowUnconverted { get; init; }

    /// <summary>Initial RAM disk, if any; of a multiboot kernel, its modules (<see cref="ModuleOptions.ParseList"/>).</summary>
    public string? Initrd { get; init; }

    /// <summary>Modules of a multiboot kernel, behind those of <see cref="Initrd"/>.</summary>
    public IReadOnlyList<ModuleOptions> Modules { get; init; } = [];

    /// <summary>The processor, as <see cref="MachineOptions.Cpu"/>; <c>host</c> stands for the one that QEMU emulates.</summary>
    public string Cpu { get; init; } = CpuModel.Host;

    /// <summary>A cpio archive that Linux unpacks over <see cref="Initrd"/>.</summary>
    public ReadOnlyMemory<byte> InitrdSupplement { get; init; }

    /// <summary>
    /// Kernel command line; for Linux, the options that announce the drives are added. Null for what every Linux wants (<see
    /// cref="NativeTarget.LinuxOptions"/>).
    /// </summary>
    public string? CommandLine { get; init; }

    /// <summary>Guest RAM in bytes, a multiple of 4 KiB, at most <see cref="NativeTarget.MaxMemoryBytes"/>.</summary>
    public long MemoryBytes { get; init; } = DefaultMemoryBytes;

    /// <summary>Disks, at most <see cref="QemuCommand.MaxDrives"/>.</summary>
    public IReadOnlyList<QemuDrive> Drives { get; init; } = [];

    /// <summary>
    /// Told, once for each image, in a sentence what the host refused it; the guest got I/O errors. Any thread may call it.
    /// </summary>
    public Action<string>? Warning { get; init; }

    /// <summary>Native VM library image, if not the built-in one.</summary>
    public string? Library { get; init; }

    /// <summary>What a captured run types, once, when the guest has printed the prompt. Without it nothing is typed.</summary>
    public (string Prompt, string Text)? Answer { get; init; }

    /// <summary>Ends a captured run that hangs; the slowest healthy one takes a small part of it.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>How a captured run ended.</summary>
/// <param name="Transcript">What the guest wrote to its serial port, without carriage returns.</param>
/// <param name="TimedOut">Whether <see cref="QemuBoot.Limit"/> ended it, and not the guest by a reboot.</param>
public sealed record QemuResult(string Transcript, bool TimedOut);
