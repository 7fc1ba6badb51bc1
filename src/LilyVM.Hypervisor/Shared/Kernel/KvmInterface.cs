using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Shared.Kernel;

/// <summary>
/// A KVM guest as the host of the kernel hypervisor (native/module/kvm): where its physical memory is, and how its ring 0 asks the VM
/// process for what it cannot do itself. Guest RAM is at address 0.
/// </summary>
internal static class KvmInterface
{
    /// <summary>The host's own memory: guest physical address, behind all guest RAM and the holes of a PC.</summary>
    public const ulong Memory = 0x1_0000_0000;

    /// <summary>
    /// Bytes of it: the largest machine has 24 MiB of notes, 6 MiB of frames and 16 MiB of shadow page tables. What is not used costs
    /// nothing.
    /// </summary>
    public const uint MemorySize = 0x400_0000;

    /// <summary>Where its ring 0 has it mapped.</summary>
    public const ulong Virtual = 0xFFFF_FFFF_8000_0000;

    /// <summary>An OUT of 4 bytes to this port leaves for the VM process; the value is a <see cref="KvmService"/>.</summary>
    public const uint Port = 0x4C;

    /// <summary>The interrupt that makes the hypervisor look at what changed; any that is no exception.</summary>
    public const uint Vector = 0x20;
}

/// <summary>What the host in the KVM guest asks of the VM process.</summary>
internal enum KvmService : uint
{
    /// <summary>
    /// The machine is made, or argument says why not: an error number of Linux, negated. The next run enters the hypervisor.
    /// </summary>
    Created,

    /// <summary>The hypervisor left for the VM process (<see cref="HostService.Exit"/>).</summary>
    Exit,

    /// <summary>Wait for so many nanoseconds, ulong.MaxValue for ever, or until a kick.</summary>
    Sleep,

    /// <summary>Interrupt the guest in so many nanoseconds; ulong.MaxValue cancels.</summary>
    Timer,
}

/// <summary>The first bytes of the host's image, at <see cref="KvmInterface.Memory"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KvmHeader
{
    /// <summary>Where it starts, in 64-bit mode with interrupts off, and its page tables (physical).</summary>
    public ulong Entry, Tables;

    /// <summary>Its GDT.</summary>
    public ulong Gdt;

    /// <summary>Bytes of its GDT, and its selectors.</summary>
    public uint GdtSize, Code, Data, Task;

    /// <summary>Set by the VM process before the first run: bytes of guest RAM, and pages for shadow page tables at most.</summary>
    public ulong RamSize, MaxPoolPages;

    /// <summary>Argument of a <see cref="KvmService"/>.</summary>
    public ulong Argument;

    /// <summary>With <see cref="KvmService.Created"/>: physical addresses of the pages of <see cref="RunRecord"/>.</summary>
    public fixed ulong RecordPages[(int)KernelLayout.RunRecordPages];

    /// <summary>With <see cref="KvmService.Created"/>: physical addresses of the pages of the VM area.</summary>
    public fixed ulong AreaPages[(int)KernelLayout.VmAreaPages];
}
