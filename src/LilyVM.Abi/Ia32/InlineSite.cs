namespace LilyVM.Abi;

/// <summary>
/// A place where the preprocessor put a sequence on the vCPU page instead of a call. The original bytes are kept, so that a machine which
/// runs the kernel in ring 0 (the native image) can put them back.
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
