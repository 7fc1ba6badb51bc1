using LilyVM.Boot;
using LilyVM.Engines;

namespace LilyVM;

/// <summary>What runs a guest's instructions.</summary>
public enum EngineKind
{
    /// <summary>The best one that this host has.</summary>
    Auto,

    /// <summary>An ordinary process alone, the conventional method.</summary>
    User,

    /// <summary>The kernel hypervisor, with the kernel module lilyvm: the composite method.</summary>
    Kernel,

    /// <summary>
    /// The kernel hypervisor in ring 0 of a KVM guest. Never chosen by <see cref="Auto"/>: where KVM is emulated, it is slow.
    /// </summary>
    Kvm,
}

/// <summary>How the kernel engine's shadow page tables follow the guest's.</summary>
public enum KernelMmu
{
    /// <summary>Tables are cached for each address space; what the guest writes in its own is compared at the next flush.</summary>
    Sync,

    /// <summary>A flush empties everything but what is global.</summary>
    Lazy,

    /// <summary>A flush compares every entry of the address space.</summary>
    Scan,
}

/// <summary>When the kernel engine loads the guest's FPU state.</summary>
public enum KernelFpu
{
    /// <summary>When the guest uses it.</summary>
    Lazy,

    /// <summary>At each entry.</summary>
    Eager,
}

/// <summary>A disk of a virtual machine, the guest's /dev/vda, vdb and so on in order.</summary>
/// <param name="Path">
/// The image: a file or a block device, or a URL of those that QEMU knows (nbd://, https:// and so on), or <c>json:</c> and a node in the
/// words of qemu-storage-daemon.
/// </param>
/// <param name="ReadOnly">The guest cannot write to it.</param>
/// <param name="Snapshot">What the guest writes is forgotten at the end.</param>
public sealed record DriveOptions(string Path, bool ReadOnly = false, bool Snapshot = false)
{
    /// <summary>
    /// The image's format by QEMU's name, such as <c>qcow2</c>; null for a raw image, which is all that a file may be without being named,
    /// for a guest can write anything into a raw one; <c>auto</c> looks into the file.
    /// </summary>
    public string? Format { get; init; }

    /// <summary>A file with the passphrase of an encrypted image (<c>luks</c>, or <c>qcow2</c> with LUKS inside).</summary>
    public string? KeyFile { get; init; }

    /// <summary>Whether qemu-storage-daemon serves it; a raw file is ours.</summary>
    internal bool IsServed =>
        Format is not null and not Daemons.ImageFormat.Raw || KeyFile is not null || Daemons.ImageAddress.IsAddress(Path);

    /// <summary>Whether the image changes.</summary>
    internal bool WritesImage => !ReadOnly && !Snapshot;
}

/// <summary>What a <see cref="VirtualMachine"/> shall be.</summary>
public sealed record MachineOptions
{
    /// <summary>RAM where nothing else is asked for, in bytes.</summary>
    public const long DefaultMemoryBytes = 256L << 20;

    /// <summary>Most drives that fit.</summary>
    public const int MaxDrives = 4;

    /// <summary>The kernel, a converted ELF executable: Linux, or one with a multiboot header.</summary>
    public required string Kernel { get; init; }

    /// <summary>
    /// Initial RAM disk, if any. Of a multiboot kernel, its modules as QEMU takes them (<see cref="ModuleOptions.ParseList"/>).
    /// </summary>
    public string? Initrd { get; init; }

    /// <summary>Modules of a multiboot kernel, behind those of <see cref="Initrd"/>; others take none.</summary>
    public IReadOnlyList<ModuleOptions> Modules { get; init; } = [];

    /// <summary>
    /// The processor in QEMU's words: <c>host</c>, then features that the guest's kernel does not see, as in <c>host,-cx8,-apic</c> or
    /// <c>host,cx8=off</c>. A feature with <c>+</c> must be one that the guest sees in any case.
    /// </summary>
    public string Cpu { get; init; } = CpuModel.Host;

    /// <summary>A cpio archive that Linux unpacks over <see cref="Initrd"/>.</summary>
    public ReadOnlyMemory<byte> InitrdSupplement { get; init; }

    /// <summary>
    /// Kernel command line; behind what a Linux needs on this machine (<see cref="LinuxOptions"/>), or behind the name of a multiboot
    /// kernel.
    /// </summary>
    public string CommandLine { get; init; } = "";

    /// <summary>
    /// Guest RAM in bytes, a multiple of 4 KiB, at most 3 GiB for an IA-32 guest and 1 TiB for an x86-64 one
    /// (<see cref="Boot.GuestArchitecture.MaxRam"/>).
    /// </summary>
    public long MemoryBytes { get; init; } = DefaultMemoryBytes;

    /// <summary>Disks.</summary>
    public IReadOnlyList<DriveOptions> Drives { get; init; } = [];

    /// <summary>Folders of the host's that the guest shares.</summary>
    public IReadOnlyList<ShareOptions> Shares { get; init; } = [];

    /// <summary>Virtio devices that other processes serve.</summary>
    public IReadOnlyList<VhostUserOptions> Devices { get; init; } = [];

    /// <summary>Network cards; at most one is a <see cref="UserNetwork"/>. Without any the guest has no network.</summary>
    public IReadOnlyList<NetworkOptions> Networks { get; init; } = [];

    /// <summary>The other end of the guest's first serial port (Linux: ttyS0).</summary>
    public MachineConsole Console { get; init; } = new(Stream.Null);

    /// <summary>The other end of the second serial port (ttyS1); without it there is no such port.</summary>
    public MachineConsole? SecondConsole { get; init; }

    /// <summary>
    /// Streams of bytes between host and guest, ports of a virtio console: Linux's /dev/vportNp0, p1 and so on, N being the number of that
    /// device among the virtio ones. They need no terminal's care, and the end of input reaches the guest.
    /// </summary>
    public IReadOnlyList<MachineConsole> Ports { get; init; } = [];

    /// <summary>
    /// Takes a sentence for the user about what the host refuses while the guest runs, such as room for a disk image; a drive says one at
    /// most. It is called on a thread of the machine's, and must not throw.
    /// </summary>
    public Action<string>? Warning { get; init; }

    /// <summary>What runs the guest.</summary>
    public EngineKind Engine { get; init; } = EngineKind.Auto;

    /// <summary>Of the kernel engine.</summary>
    public KernelMmu Mmu { get; init; }

    /// <summary>Of the kernel engine.</summary>
    public KernelFpu Fpu { get; init; }

    /// <summary>
    /// What keeps the programs of an x86-64 guest from their own kernel; an IA-32 guest has no choice, and takes
    /// <see cref="IsolationLevel.Auto"/> only. A level that the host has not is refused when the machine is made.
    /// <see cref="VirtualMachine.Isolation"/> tells what was chosen.
    /// </summary>
    public IsolationLevel Isolation { get; init; }

    /// <summary>Checks what <see cref="Cpu"/> is to be, as far as that does not depend on the host.</summary>
    /// <exception cref="LilyVMException">A word of it is not understood, or asks for what no guest can have.</exception>
    public static void RequireCpu(string cpu) => CpuModel.Parse(cpu);

    /// <summary>The only way to take for the RAM of an x86-64 guest, if it works, else small pages; null for the best one.</summary>
    internal RamSource? RamSource { get; init; }

    /// <summary>Makes the engine, given the bytes of RAM; tests have their own.</summary>
    internal Func<ulong, IEngine>? CreateEngine { get; init; }
}
