namespace LilyVM.Abi;

/// <summary>
/// The VM area: the top 8 MiB of the guest's address space, which the guest kernel leaves alone (Linux: <c>reservetop=8M</c>).
/// All values are guest virtual addresses or sizes in bytes.
/// </summary>
public static class VmArea
{
    /// <summary>
    /// Version of everything in this assembly that a converted kernel has compiled in. Raised on any incompatible change.
    /// </summary>
    public const uint AbiVersion = 1;

    /// <summary>First byte of the VM area; the VM library image starts here with its <see cref="LibraryHeader"/>.</summary>
    public const uint Base = 0xFF80_0000;

    /// <summary>Address of entry 0 of the jump table.</summary>
    public const uint JumpTable = Base + LibraryHeader.Size;

    /// <summary>Size of one jump table entry: a <c>jmp rel32</c> and padding.</summary>
    public const uint EntrySize = 8;

    /// <summary>Room for the VM library image (header, jump table, text, recovery table).</summary>
    public const uint LibrarySize = 0x1_0000;

    /// <summary>The vCPU page, see <see cref="VcpuPage"/>.</summary>
    public const uint Vcpu = Base + LibrarySize;

    /// <summary>Four pages of private data of the VM library image that is loaded; converted kernels never name them.</summary>
    public const uint Private = Vcpu + 0x1000;

    /// <summary>Bytes that a loader must back with memory, from <see cref="Base"/>.</summary>
    public const uint MappedSize = LibrarySize + 0x1000 + 0x4000;

    /// <summary>
    /// Link offset of a kernel whose early code runs unpaged at <c>virtual - LinkOffset</c>. A <c>call</c> into the jump table from such
    /// code lands this far below <see cref="Base"/>, so every engine maps the library at <see cref="UnpagedAlias"/> too while the guest is
    /// unpaged and until its first different CR3.
    /// </summary>
    public const uint LinkOffset = 0xC000_0000;

    /// <summary>Where the library is also mapped while the guest is unpaged.</summary>
    public const uint UnpagedAlias = Base - LinkOffset;
}
