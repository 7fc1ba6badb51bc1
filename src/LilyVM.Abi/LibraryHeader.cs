using System.Runtime.InteropServices;

namespace LilyVM.Abi;

/// <summary>Which VM library image a header belongs to.</summary>
public enum LibraryImage : uint
{
    /// <summary>Executes the real instructions in ring 0: for bare machines and QEMU.</summary>
    Native = 1,

    /// <summary>For the user engine: the guest kernel runs in ring 3, hypercalls are far calls.</summary>
    User = 2,

    /// <summary>For the kernel engine: the guest kernel runs in ring 1, hypercalls are software interrupts.</summary>
    Kernel = 3,
}

/// <summary>The first bytes of a VM library image, at <see cref="VmArea.Base"/>. The jump table follows.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct LibraryHeader
{
    /// <summary>Size of this structure in bytes.</summary>
    public const uint Size = 0x40;

    /// <summary>"LILY" in memory order.</summary>
    public const uint ExpectedMagic = 0x594C_494C;

    /// <summary><see cref="ExpectedMagic"/>.</summary>
    public uint Magic;

    /// <summary><see cref="VmArea.AbiVersion"/> that the image implements.</summary>
    public uint AbiVersion;

    /// <summary>Which image this is.</summary>
    public LibraryImage Image;

    /// <summary>Number of jump table entries.</summary>
    public uint EntryCount;

    /// <summary>Guest virtual address of the first byte after the library's text.</summary>
    public uint TextEnd;

    /// <summary>Guest virtual address of the recovery table, see <see cref="RecoveryEntry"/>.</summary>
    public uint RecoveryTable;

    /// <summary>Number of entries in the recovery table.</summary>
    public uint RecoveryCount;

    /// <summary>
    /// Guest virtual address of the table of windows (<see cref="X64.WindowEntry"/>), and the number of its entries; 0 in images that
    /// have none.
    /// </summary>
    public uint WindowTable, WindowCount;
}

/// <summary>
/// One instruction of the VM library that may fault on behalf of the rewritten instruction. Whoever handles the fault reports it at the
/// call site, with registers and stack as they were before the call, so that the guest's exception tables keep working.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct RecoveryEntry
{
    /// <summary>Guest virtual address of the instruction that may fault.</summary>
    public uint Address;

    /// <summary>How to undo what the library did before it.</summary>
    public RecoveryKind Kind;
}

/// <summary>What lies between the stack pointer at the fault and the stack pointer before the call.</summary>
public enum RecoveryKind : uint
{
    /// <summary>Only the return address.</summary>
    ReturnAddress = 0,

    /// <summary>One word of scratch, then the return address.</summary>
    ScratchThenReturnAddress = 1,

    /// <summary>A <c>pushal</c> frame, the saved EFLAGS, then the return address; registers come back from the frame.</summary>
    AllRegisters = 2,

    /// <summary>Nothing: the return address was moved to <see cref="VcpuPage.IretSite"/> (the <c>iret</c> family).</summary>
    ReturnAddressInVcpuPage = 3,
}
