namespace LilyVM.Assembler.Syntax;

/// <summary>The input is not text that gas could read.</summary>
public sealed class SyntaxException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="line">Line of the input, from 1.</param>
    /// <param name="message">What is wrong there.</param>
    public SyntaxException(int line, string message)
        : base(message) => Line = line;

    /// <summary>Line of the input, from 1.</summary>
    public int Line { get; }
}
