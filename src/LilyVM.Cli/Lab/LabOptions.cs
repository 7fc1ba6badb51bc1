namespace LilyVM.Cli.Lab;

/// <summary>A run of the lab.</summary>
internal sealed record LabOptions
{
    internal const int DefaultMemoryMiB = 1024;

    internal static TimeSpan DefaultLimit { get; } = TimeSpan.FromMinutes(2);

    /// <summary>The host.</summary>
    internal required LabVariant Variant { get; init; }

    /// <summary>Program and arguments; a shell on our terminal if there are none.</summary>
    internal required IReadOnlyList<string> Command { get; init; }

    /// <summary>Files that the command finds in its folder.</summary>
    internal IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Disk images: /dev/vda and so on.</summary>
    internal IReadOnlyList<DriveOptions> Disks { get; init; } = [];

    /// <summary>More options of the kernel.</summary>
    internal string KernelOptions { get; init; } = "";

    internal int Cpus { get; init; } = 1;

    internal long MemoryMiB { get; init; } = DefaultMemoryMiB;

    /// <summary>How long it may take; forever if null.</summary>
    internal TimeSpan? Limit { get; init; } = DefaultLimit;

    /// <summary>Whether the clock counts instructions: one per nanosecond, the same in each run.</summary>
    internal bool CountInstructions { get; init; }

    /// <summary>Whether the host has /dev/kvm.</summary>
    internal bool Kvm { get; init; }

    /// <summary>Non-maskable interrupts per second while the command runs.</summary>
    internal int NmiRate { get; init; }

    /// <summary>Socket where gdb can attach; the machine waits for it.</summary>
    internal string? GdbSocket { get; init; }

    /// <summary>File that keeps the kernel's messages.</summary>
    internal string? KernelLog { get; init; }
}
