namespace LilyVM.Abi.X64;

/// <summary>
/// A place where the preprocessor put something that a machine which runs the kernel in ring 0 (the native image) cannot use. The
/// original bytes are kept, so that it can put them back, at the end of the place and with NOPs before them: INT leaves its address
/// behind. In the note: address (u64), length and original length (u8 each), six original bytes.
/// </summary>
/// <param name="Address">Guest virtual address of the first byte.</param>
/// <param name="Length">Length of the replacement in bytes.</param>
/// <param name="Original">The original instruction, at most <see cref="LongestOriginal"/> bytes.</param>
public readonly record struct InlineSite(ulong Address, byte Length, ReadOnlyMemory<byte> Original)
{
    /// <summary>Size of one site in the note.</summary>
    public const int Size = 16;

    /// <summary>Room for the original instruction.</summary>
    public const int LongestOriginal = 6;
}
