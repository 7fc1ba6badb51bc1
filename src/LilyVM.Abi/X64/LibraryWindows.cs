using System.Runtime.InteropServices;

namespace LilyVM.Abi.X64;

/// <summary>
/// A stretch of the deprivileged library's code in which one instruction of the guest's is half done. It reaches up to the next entry of
/// the table, which is sorted by address. An engine that is entered there by an event finishes the instruction or takes it back.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct WindowEntry
{
    /// <summary>Guest virtual address of the first instruction.</summary>
    public uint Address;

    /// <summary>What is half done.</summary>
    public WindowKind Kind;
}

/// <summary>What is half done, and where registers of the guest's lie meanwhile.</summary>
public enum WindowKind : uint
{
    /// <summary>Nothing: code like any other.</summary>
    None = 0,

    /// <summary>A call of the engine: let it go on, it comes at once.</summary>
    Hypercall = 1,

    /// <summary>IRETQ has only looked: start again at its entry.</summary>
    Iret = 2,

    /// <summary>The same, with RAX in the scratch word.</summary>
    IretScratch = 3,

    /// <summary>IRETQ to a program was begun: finish it; RAX is in the scratch word, RSP at the frame.</summary>
    IretProgram = 4,

    /// <summary>IRETQ to the kernel was begun: finish it; SS may be in the vCPU page already and the host's in the frame.</summary>
    IretKernel = 5,

    /// <summary>SYSRETQ was begun: finish it.</summary>
    Sysret = 6,

    /// <summary>The same, with RSP in the scratch word for stacks.</summary>
    SysretStack = 7,

    /// <summary>A program's SYSCALL from a patched place has changed nothing yet: take it back; RCX is the address behind it.</summary>
    Call = 8,

    /// <summary>The same, with RSP in the scratch word for stacks.</summary>
    CallStack = 9,

    /// <summary>A program's SYSCALL was begun: finish it; R11 holds the flags.</summary>
    CallEntered = 10,

    /// <summary>A program's CPUID from a patched place: take it back; RBX is its code, RDX the page.</summary>
    Identify = 11,

    /// <summary>The same, with RBX in the scratch word, and the address behind CPUID in the one for pages.</summary>
    IdentifyResult = 12,
}
