namespace LilyVM.Hypervisor.Shared.User;

/// <summary>Where everything of a stub lies: above 4 GiB, within 2 GiB of its text, so that assembly can name it relative to RIP.</summary>
internal static class Layout
{
    /// <summary>The stub's own image (native/entry/user/ia32/stub.lds).</summary>
    public const ulong Image = 0x6000_0000_0000;

    /// <summary>The machine memfd: first the VM area as the guest sees it, then <see cref="User.Machine"/>, the vCPU and FPU state.</summary>
    public const ulong MachineFile = 0x6000_4000_0000;

    /// <summary>Offset of <see cref="User.Machine"/> in the machine memfd.</summary>
    public const uint MachineOffset = 0x2_0000;

    /// <summary>Offset of the virtual CPU, which the stubs share and the VM process leaves alone.</summary>
    public const uint VcpuOffset = 0x2_8000;

    /// <summary>Offset of the page that holds FPU state on its way between stubs.</summary>
    public const uint FpuOffset = 0x3_0000;

    /// <summary>Bytes of the machine memfd.</summary>
    public const uint MachineFileSize = 0x4_0000;

    /// <summary><see cref="User.Machine"/> in a stub.</summary>
    public const ulong Machine = MachineFile + MachineOffset;

    /// <summary>The virtual CPU in a stub.</summary>
    public const ulong Vcpu = MachineFile + VcpuOffset;

    /// <summary>FPU state in a stub.</summary>
    public const ulong Fpu = MachineFile + FpuOffset;

    /// <summary>What this stub has mapped: one word for each page of the guest's address space.</summary>
    public const ulong Shadow = 0x6000_5000_0000;

    /// <summary>Guest RAM in a stub.</summary>
    public const ulong Ram = 0x6100_0000_0000;

    /// <summary>File descriptors of a stub: guest RAM, the machine memfd, and its own image, which it closes.</summary>
    public const int RamFile = 3, MachineFileDescriptor = 4, ImageFile = 5;

    /// <summary>Guest RAM, opened again by the stub (AddressSpace.OpenSecondFile): the lowest number, for it has no standard files.</summary>
    public const int SecondRamFile = 0;

    /// <summary>In <see cref="User.Machine.HostCpu"/>: wherever the host likes.</summary>
    public const uint AnyCpu = 0xFFFF_FFFF;

    /// <summary>
    /// A page of 64-bit code that no address of the guest leads to, wherever the guest's segments start (AddressSpace.Shift).
    /// Entry of the VM library's hypercalls (native/vmlib/ia32/deprivileged/hypercall.h), and of guest system calls from the guest's vDSO.
    /// </summary>
    public const uint Trampolines = 0xFFE0_0000, HypercallTrampoline = Trampolines, SystemCallTrampoline = Trampolines + 0x20;

    /// <summary>Descriptors of the guest's GDT whose copies in the host's LDT have the same index, and as many of its LDT behind them (LdtPlaces).</summary>
    public const uint OwnPlaces = 64;
}
