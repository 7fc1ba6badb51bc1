namespace LilyVM.Abi;

/// <summary>
/// The ELF note that the assembler preprocessor leaves in every object it changed. A linked kernel holds one note per such object.
/// Descriptor: ABI version (u32), number of rewritten instructions (u32), then one <see cref="InlineSite"/> of 8 bytes per inline form.
/// </summary>
public static class ConversionNote
{
    /// <summary>Section that holds the notes.</summary>
    public const string Section = ".note.lilyvm";

    /// <summary>Owner name in the note header, without the terminating zero.</summary>
    public const string Owner = "LilyVM";

    /// <summary>Note type of a conversion note.</summary>
    public const uint Type = 1;

    /// <summary>Bytes of the descriptor before the inline sites.</summary>
    public const int FixedSize = 8;
}

/// <summary>
/// A place where the preprocessor put a sequence on the vCPU page instead of a call. The original bytes are kept, so that a machine which runs
/// the kernel in ring 0 (the native image) can put them back.
/// </summary>
/// <param name="Address">Guest virtual address of the first byte.</param>
/// <param name="Length">Length of the inline form in bytes.</param>
/// <param name="OriginalLength">Length of the original instructions: 1 or 2.</param>
/// <param name="Original0">First original byte.</param>
/// <param name="Original1">Second original byte, or 0.</param>
public readonly record struct InlineSite(uint Address, byte Length, byte OriginalLength, byte Original0, byte Original1)
{
    /// <summary>Size of one site in the note.</summary>
    public const int Size = 8;
}
