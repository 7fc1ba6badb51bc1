namespace LilyVM.Assembler;

/// <summary>How to convert one input.</summary>
public sealed record ConversionOptions
{
    /// <summary>
    /// Code size in bits that the assembler starts in: 32, or 64 without <c>--32</c>. Code of that size is rewritten, other code stays as
    /// it is.
    /// </summary>
    public int Bits { get; init; } = 32;

    /// <summary>
    /// True when the assembler starts in Intel syntax (<c>-msyntax=intel</c>) or takes registers without a percent sign
    /// (<c>-mnaked-reg</c>).
    /// </summary>
    public bool NamesRegistersBare { get; init; }

    /// <summary>
    /// True when the code runs at another address than it is linked at, so that it must call the library by absolute address (x86-64
    /// only).
    /// </summary>
    public bool AbsoluteCalls { get; init; }

    /// <summary>True to keep each replaced instruction as a comment, for people to read.</summary>
    public bool Annotate { get; init; }
}
