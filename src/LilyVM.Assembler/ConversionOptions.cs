namespace LilyVM.Assembler;

/// <summary>How to convert one input.</summary>
public sealed record ConversionOptions
{
    /// <summary>Code size in bits that the assembler starts in: 32, or 64 without <c>--32</c>. Only 32-bit code is rewritten.</summary>
    public int Bits { get; init; } = 32;

    /// <summary>True when the assembler starts in Intel syntax (<c>-msyntax=intel</c>) or takes registers without a percent sign (<c>-mnaked-reg</c>).</summary>
    public bool NamesRegistersBare { get; init; }

    /// <summary>True to keep each replaced instruction as a comment, for people to read.</summary>
    public bool Annotate { get; init; }
}
