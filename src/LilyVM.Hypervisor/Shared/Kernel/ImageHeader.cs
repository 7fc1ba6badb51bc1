using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Shared.Kernel;

/// <summary>
/// The first bytes of the kernel hypervisor's image, for the module. Offsets count from the image's start, addresses are of <see
/// cref="KernelLayout"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ImageHeader
{
    /// <summary>What <see cref="Magic"/> must be: LILYVMKH.</summary>
    public const ulong ExpectedMagic = 0x484B_4D56_594C_494C;

    /// <summary>Version of everything that module, hypervisor and VM process share; it changes whenever a structure here does.</summary>
    public const uint CurrentVersion = 1;

    /// <summary>See <see cref="ExpectedMagic"/>.</summary>
    public ulong Magic;

    /// <summary>See <see cref="CurrentVersion"/>.</summary>
    public uint Version;

    /// <summary>Bytes up to here are text, executable and read-only; a multiple of 4 KiB.</summary>
    public uint TextSize;

    /// <summary>Bytes in the file.</summary>
    public uint FileSize;

    /// <summary>Bytes in memory; what the file does not have is zero.</summary>
    public uint MemorySize;

    /// <summary>For <see cref="SwitchContext.Entry"/>.</summary>
    public ulong Entry;

    /// <summary>256 entry stubs of 16 bytes each, by vector.</summary>
    public ulong Vectors;

    /// <summary>256 bytes, by vector: bits 0 to 2 the interrupt stack, bits 5 and 6 the privilege level that may use it by INT n.</summary>
    public ulong Gates;

    /// <summary>
    /// Room for GDT (<see cref="KernelLayout.GdtLimit"/> + 1 bytes), IDT (4096 bytes) and TSS (104 bytes), which the module fills in.
    /// </summary>
    public ulong Gdt, Idt, Tss;

    /// <summary>Tops of the stacks: RSP0, IST1 (NMI), IST2 (double fault), IST3 (machine check).</summary>
    public ulong Stack, NmiStack, DoubleFaultStack, MachineCheckStack;
}
