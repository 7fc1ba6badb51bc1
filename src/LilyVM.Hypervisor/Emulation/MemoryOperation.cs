namespace LilyVM.Hypervisor.Emulation;

/// <summary>How an instruction uses its memory operand.</summary>
internal enum MemoryForm : uint
{
    /// <summary>The register takes part and gets the result.</summary>
    Load,

    /// <summary>A register or immediate is stored.</summary>
    Store,

    /// <summary>Memory is read; written back unless only flags are wanted.</summary>
    Modify,

    /// <summary>STOS, one element.</summary>
    StoreString,

    /// <summary>LODS, one element.</summary>
    LoadString,

    /// <summary>MOVS, one element.</summary>
    MoveString,
}

/// <summary>A decoded instruction with a memory operand, as <see cref="MemoryInstructions"/> knows them.</summary>
internal struct MemoryOperation
{
    /// <summary>How memory is used.</summary>
    public MemoryForm Form;

    /// <summary>What is computed.</summary>
    public AluOp Alu;

    /// <summary>Bytes in memory.</summary>
    public uint Width;

    /// <summary>Bytes of the register.</summary>
    public uint RegisterWidth;

    /// <summary>Number of the register.</summary>
    public uint Register;

    /// <summary>The other operand: the register's value or the immediate.</summary>
    public Word Source;

    /// <summary>Linear address of the operand; for strings that of ESI's side.</summary>
    public Word Address;

    /// <summary>Whether <see cref="Address"/> lacks <see cref="NextIp"/>.</summary>
    public bool IsIpRelative;

    /// <summary>A REP prefix.</summary>
    public bool Repeats;

    /// <summary>Address behind the instruction.</summary>
    public Word NextIp;
}
