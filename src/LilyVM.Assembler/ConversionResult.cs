using LilyVM.Assembler.Statistics;

namespace LilyVM.Assembler;

/// <summary>One thing that keeps an input from being converted.</summary>
/// <param name="File">File as the line markers or the caller name it.</param>
/// <param name="Line">Line there, from 1.</param>
/// <param name="Message">What is wrong, with the text concerned.</param>
public sealed record Diagnostic(string File, int Line, string Message)
{
    /// <summary>The error as gas writes its own.</summary>
    public override string ToString() => $"{File}:{Line}: Error: {Message}";
}

/// <summary>What became of one input.</summary>
/// <param name="Text">The converted text; meaningless when there are errors.</param>
/// <param name="Statistics">What was rewritten and what was left alone.</param>
/// <param name="Errors">Errors in input order; empty when the conversion succeeded.</param>
public sealed record ConversionResult(string Text, ConversionStatistics Statistics, IReadOnlyList<Diagnostic> Errors);
