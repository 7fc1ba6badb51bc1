namespace LilyVM.Abi.X64;

/// <summary>
/// The VM area of an x86-64 guest. It lies in the kernel's window below 2 GiB, so that inline forms name it by absolute address in 32
/// sign-extended bits. The guest kernel leaves it alone. All values are guest virtual addresses or sizes in bytes.
/// </summary>
public static class VmArea
{
    /// <summary>Version of everything in this folder that a converted kernel has compiled in. Raised on any incompatible change.</summary>
    public const uint AbiVersion = 1;

    /// <summary>First byte of the VM area; the VM library image starts here with its <see cref="LibraryHeader"/>.</summary>
    public const uint Base = 0x7F00_0000;

    /// <summary>Address of entry 0 of the jump table.</summary>
    public const uint JumpTable = Base + LibraryHeader.Size;

    /// <summary>Size of one jump table entry: a <c>jmp rel32</c> and padding.</summary>
    public const uint EntrySize = 8;

    /// <summary>Room for the VM library image (header, jump table, text, recovery table).</summary>
    public const uint LibrarySize = 0x1_0000;

    /// <summary>The vCPU page, see <see cref="VcpuPage"/>.</summary>
    public const uint Vcpu = 0x7F10_0000;

    /// <summary>
    /// One page of pointers to the jump table's entries, 8 bytes each. Code that runs at another address than it was linked at calls
    /// through them (<c>call *abs32</c>), because a relative call would land elsewhere.
    /// </summary>
    public const uint Pointers = Vcpu + 0x1000;

    /// <summary>
    /// For the engine of a deprivileged kernel: a word, the last one of that page, that leads system calls of programs from patched
    /// places into the library.
    /// </summary>
    public const uint ProgramCallSlot = Pointers + 0xFF8;

    /// <summary>The same for their CPUID.</summary>
    public const uint IdentificationSlot = Pointers + 0xFF0;

    /// <summary>Four pages of private data of the VM library image that is loaded; converted kernels never name them.</summary>
    public const uint Private = Pointers + 0x1000;

    /// <summary>Bytes that a loader must back with memory, from <see cref="Base"/>.</summary>
    public const uint MappedSize = Private + 0x4000 - Base;
}
