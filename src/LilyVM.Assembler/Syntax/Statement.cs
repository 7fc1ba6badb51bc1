namespace LilyVM.Assembler.Syntax;

/// <summary>What a statement of gas text is.</summary>
public enum StatementKind : byte
{
    /// <summary>A label with its colon; the statement after it is separate.</summary>
    Label,

    /// <summary>A directive: starts with a dot.</summary>
    Directive,

    /// <summary>A machine instruction or a macro invocation.</summary>
    Instruction,

    /// <summary>Starts with a macro argument (<c>\op</c>): what it is shows only when the macro is expanded.</summary>
    Substitution,

    /// <summary><c>symbol = expression</c>.</summary>
    Assignment,

    /// <summary>The compiler's <c>#APP</c>: inline assembly begins, flags are dead here.</summary>
    AppBegin,

    /// <summary>The compiler's <c>#NO_APP</c>: inline assembly ends, flags are dead here.</summary>
    AppEnd,

    /// <summary>A line marker, <c># 12 "file.h"</c>.</summary>
    LineMarker,
}

/// <summary>A stretch of the input: <c>[Start, End)</c> in characters, without terminator or trailing comment.</summary>
/// <param name="Start">First character.</param>
/// <param name="End">After the last character.</param>
/// <param name="Line">Line in the input, from 1.</param>
/// <param name="Kind">What it is.</param>
public readonly record struct Statement(int Start, int End, int Line, StatementKind Kind)
{
    /// <summary>The statement's characters.</summary>
    public ReadOnlySpan<char> Text(string source) => source.AsSpan(Start, End - Start);
}
