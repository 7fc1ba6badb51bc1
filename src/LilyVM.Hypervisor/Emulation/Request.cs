namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// One decoded instruction. While it is executed the vCPU is as before it: EIP at the instruction (or call site), ESP as the instruction
/// sees it.
/// </summary>
internal struct Request
{
    /// <summary>What to do.</summary>
    public Op Op;

    /// <summary>Number of the control, debug or segment register.</summary>
    public uint Number;

    /// <summary>Bytes of the operand: 1, 2, 4 or 8.</summary>
    public uint Width;

    /// <summary>A REP prefix.</summary>
    public bool Repeats;

    /// <summary>Whether the operand is in memory, at <see cref="Address"/>.</summary>
    public bool IsMemory;

    /// <summary>Linear address of the memory operand.</summary>
    public Word Address;

    /// <summary>Value of the source operand; port number; selector of a far transfer; vector; bytes that a far return drops.</summary>
    public Word Value;

    /// <summary>Offset of a far transfer.</summary>
    public Word Offset;

    /// <summary>Number of the register that is written, or of the one that is read and written.</summary>
    public uint Register;

    /// <summary>Linear base of the segment that string output reads from.</summary>
    public Word SegmentBase;

    /// <summary>Where the guest goes on.</summary>
    public Word NextIp;

    /// <summary>What <c>int</c> and <c>lcall</c> push; differs from <see cref="NextIp"/> by operands behind a call.</summary>
    public Word ReturnIp;
}
