namespace LilyVM.Abi;

/// <summary>
/// The ELF note that the assembler preprocessor leaves in every object it changed. A linked kernel holds one note per such object.
/// Descriptor: ABI version of its architecture (u32), number of rewritten instructions (u32), then one <see cref="InlineSite"/> (IA-32) or
/// <see cref="X64.InlineSite"/> (x86-64) per inline form.
/// </summary>
public static class ConversionNote
{
    /// <summary>Section that holds the notes.</summary>
    public const string Section = ".note.lilyvm";

    /// <summary>Owner name in the note header, without the terminating zero.</summary>
    public const string Owner = "LilyVM";

    /// <summary>Note type of a conversion note for IA-32.</summary>
    public const uint Type = 1;

    /// <summary>Note type of a conversion note for x86-64.</summary>
    public const uint TypeX64 = 2;

    /// <summary>Bytes of the descriptor before the inline sites.</summary>
    public const int FixedSize = 8;
}
