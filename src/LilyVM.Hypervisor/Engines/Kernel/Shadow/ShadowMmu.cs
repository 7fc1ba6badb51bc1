using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>What became of a page fault.</summary>
internal enum FillResult : uint
{
    /// <summary>The entry is there.</summary>
    Filled,

    /// <summary>The guest's tables refuse the access; <see cref="Vcpu.Fault"/> says how.</summary>
    GuestFault,

    /// <summary>Not RAM; the address is in <see cref="ShadowMmu.Needed"/>.</summary>
    Device,

    /// <summary>The host is to make a page of guest RAM present: its number is in <see cref="ShadowMmu.Needed"/>. Then again.</summary>
    NeedsPage,

    /// <summary>The pool is to grow. Then again.</summary>
    NeedsPool,

    /// <summary>Not known, and nothing was changed: <see cref="ShadowMmu.Fill"/> is to be asked.</summary>
    Undecided,
}

/// <summary>
/// Shadow page tables: what the CPU walks instead of the guest's own. A table shadows one half of a guest's page table and serves every
/// address space that has it. State only; the operations are in ShadowMmu.*.cs by subject. Safe: pool, frames and notes are the engine's
/// own memory, indices into the pool come from it, and page numbers are checked against <see cref="RamPages"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe partial struct ShadowMmu
{
    /// <summary>Address spaces that are remembered at most.</summary>
    public const int MaxRoots = 48;

    /// <summary>Page tables that the guest may write, at most.</summary>
    public const int MaxUnsynced = 256;

    /// <summary>Pages of the pool: the table of the four GiB, and the page table of the VM area.</summary>
    public const uint LowTable = 0, AreaTable = 1, FirstFree = 2;

    /// <summary>A fill needs no more pages than this: a directory and a table, and some to spare.</summary>
    public const uint Reserve = 8;

    /// <summary>
    /// Bits of an entry that the CPU walks (SDM vol. 3, 4.5); <see cref="SoftwareGlobal"/> is one that it ignores: global for the guest.
    /// </summary>
    public const ulong Present = PageWalk.Present, Writable = PageWalk.Writable, User = PageWalk.User, Accessed = PageWalk.Accessed,
        Dirty = PageWalk.Dirty,
        SoftwareGlobal = 0x200, FrameMask = 0x000F_FFFF_FFFF_F000;

    /// <summary>The pool, and its pages' host physical addresses.</summary>
    public ulong* Pool, PoolFrames;

    /// <summary>
    /// For each entry of the pool the guest's entry as it was when this one was made from it, or was last found to agree with it: while the
    /// guest has the same there, nothing else needs to be compared.
    /// </summary>
    public uint* Origins;

    /// <summary>For each page of guest RAM the entry that maps it for the engine, 0 if it is not present.</summary>
    public ulong* Frames;

    /// <summary>For each page of guest RAM what is known of it.</summary>
    public PageNote* Notes;

    /// <summary>For each page of the pool what it is.</summary>
    public ShadowTable* Tables;

    /// <summary>The vCPU, for its control registers and its RAM.</summary>
    public Vcpu* Cpu;

    /// <summary>Counters, by <see cref="KernelCounter"/>.</summary>
    public ulong* Counters;

    /// <summary>Pages of guest RAM.</summary>
    public uint RamPages;

    /// <summary>Pages of the pool that exist.</summary>
    public uint PoolPages;

    /// <summary>How tables follow the guest's.</summary>
    public MmuPolicy Policy;

    /// <summary>See <see cref="FillResult"/>.</summary>
    public uint Needed;

    /// <summary>
    /// Set when the CPU's TLB may hold more than the tables say; the engine reloads CR3 before the guest goes on, and clears it.
    /// </summary>
    public bool ReloadWanted;

    /// <summary>Whether the VM area is mapped at its low address too, for a guest that starts (docs/abi.md).</summary>
    public bool AliasActive;

    private uint freeHead, freeCount, current, clock, unsyncedCount, firstDirectory;
    private FaultPlace last;
    private fixed uint unsynced[MaxUnsynced];
    private fixed ulong roots[MaxRoots * 2];

    /// <summary>The root in use.</summary>
    public readonly uint Current => current;

    /// <summary>Pages of the pool that are free.</summary>
    public readonly uint FreePages => freeCount;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ShadowRoot* Root(ShadowMmu* mmu, uint index) => (ShadowRoot*)mmu->roots + index;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong* Entries(ShadowMmu* mmu, uint table) => mmu->Pool + table * 512;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Count(ShadowMmu* mmu, KernelCounter counter) => mmu->Counters[(int)counter]++;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint* GuestTable(ShadowMmu* mmu, uint page) => (uint*)(mmu->Cpu->Ram + ((ulong)page << 12));
}
