namespace LilyVM.Hypervisor.Shared.User;

/// <content>Of IA-32 guests: above 4 GiB, within 2 GiB of the stub's text, so that assembly can name it relative to RIP.</content>
internal static partial class Layout
{
    /// <summary>Where the addresses of guest programs end: kernels are linked there and above.</summary>
    public const uint ProgramEnd = Abi.VmArea.LinkOffset;

    /// <summary>
    /// The machine memfd: first the VM area as the guest sees it, then <see cref="User.Machine"/>, the vCPU and FPU state.
    /// </summary>
    public const ulong MachineFile = 0x6000_4000_0000;

    /// <summary>Offset of <see cref="User.Machine"/> in the machine memfd.</summary>
    public const uint MachineOffset = 0x2_0000;

    /// <summary>Offset of the virtual CPU, which the stubs share and the VM process leaves alone.</summary>
    public const uint VcpuOffset = 0x2_8000;

    /// <summary>Offset of the page that holds FPU state on its way between stubs.</summary>
    public const uint FpuOffset = 0x3_0000;

    /// <summary>Bytes of the machine memfd.</summary>
    public const uint MachineFileSize = 0x4_0000;

    /// <summary>What this stub has mapped: one word for each page of the guest's address space.</summary>
    public const ulong MappedPages = 0x6000_5000_0000;

    /// <summary>
    /// Guest RAM, opened again by the stub (AddressSpace.OpenSecondFile): the lowest number, for it has no standard files.
    /// </summary>
    public const int SecondRamFile = 0;

    /// <summary>
    /// A page of 64-bit code that no address of the guest leads to, wherever the guest's segments start (AddressSpace.Shift).
    /// Entry of the VM library's hypercalls (native/vmlib/ia32/deprivileged/hypercall.h), and of guest system calls from the guest's vDSO.
    /// </summary>
    public const uint Trampolines = 0xFFE0_0000, HypercallTrampoline = Trampolines, SystemCallTrampoline = Trampolines + 0x20;

    /// <summary>
    /// Descriptors of the guest's GDT whose copies in the host's LDT have the same index, and as many of its LDT behind them (LdtPlaces).
    /// </summary>
    public const uint OwnPlaces = 64;
}
