using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>
/// Where the entries are of the page that the guest faulted at last. Its links are as they were then, or <see cref="Page"/> is <see
/// cref="None"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FaultPlace
{
    /// <summary>No page's number.</summary>
    public const uint None = 0xFFFF_FFFF;

    /// <summary>The page's number in the guest's address space.</summary>
    public uint Page;

    /// <summary>The guest's directory entry as it was.</summary>
    public uint Pde;

    /// <summary>Where the guest has that entry, and the last one, which is the same for a large page.</summary>
    public uint* Directory, Entry;

    /// <summary>The page's number within a large page.</summary>
    public uint Offset;

    /// <summary>The shadow page table's number in the pool * 512 + the index in it.</summary>
    public uint Writer;

    /// <summary>What is known of that table.</summary>
    public ShadowTable* Table;
}
