using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Shared;

/// <summary>
/// The registers that cross between an engine and the VM process, of either architecture. One that an architecture lacks is 0.
/// </summary>
internal enum RegisterName
{
    /// <summary>General registers in the order of their numbers (SDM vol. 2, 2.1.5).</summary>
    Ax, Cx, Dx, Bx, Sp, Bp, Si, Di, R8, R9, R10, R11, R12, R13, R14, R15,

    /// <summary>Instruction pointer, and flags as the guest sees them.</summary>
    Ip, Flags,

    /// <summary>Selector of the code segment.</summary>
    Cs,

    /// <summary>Control registers and IA32_EFER.</summary>
    Cr0, Cr2, Cr3, Cr4, Efer,

    /// <summary>How many there are.</summary>
    Count,
}

/// <summary>Values of registers by name.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GuestRegisters
{
    private fixed ulong values[(int)RegisterName.Count];

    /// <summary>The value of one.</summary>
    public ulong this[RegisterName name]
    {
        readonly get => values[(int)name];
        set => values[(int)name] = value;
    }
}
