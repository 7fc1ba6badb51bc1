namespace LilyVM.Hypervisor.Shared.User;

/// <summary>Where everything of a stub lies. What depends on the guest's architecture stands in the folder of that name.</summary>
internal static partial class Layout
{
    /// <summary>The stub's own image (native/entry/user).</summary>
    public const ulong Image = 0x6000_0000_0000;

    /// <summary><see cref="User.Machine"/> in a stub.</summary>
    public const ulong Machine = MachineFile + MachineOffset;

    /// <summary>The vCPU in a stub.</summary>
    public const ulong Vcpu = MachineFile + VcpuOffset;

    /// <summary>FPU state in a stub.</summary>
    public const ulong Fpu = MachineFile + FpuOffset;

    /// <summary>Guest RAM in a stub.</summary>
    public const ulong Ram = 0x6100_0000_0000;

    /// <summary>File descriptors of a stub: guest RAM, the machine memfd, and its own image, which it closes.</summary>
    public const int RamFile = 3, MachineFileDescriptor = 4, ImageFile = 5;

    /// <summary>The first of the event files of <see cref="User.Machine.Events"/>.</summary>
    public const int FirstEventFile = ImageFile + 1;

    /// <summary>In <see cref="User.Machine.HostCpu"/>: wherever the host likes.</summary>
    public const uint AnyCpu = 0xFFFF_FFFF;
}
