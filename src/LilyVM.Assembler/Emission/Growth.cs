using System.Globalization;

namespace LilyVM.Assembler.Emission;

/// <summary>
/// Takes what conversion adds to a routine from its padding. Only the assembler knows lengths: each original goes into a section that the
/// linker leaves out, labels measure it and what stands in its place, and a symbol sums the difference, which the padding subtracts.
/// </summary>
internal static class Growth
{
    private const string Sum = ".Llily_grown";
    private const string IfCompared = "if its size is compared with another routine's";

    /// <summary>Text that replaces an instruction and adds to the sum what it is longer.</summary>
    /// <param name="text">The replacement.</param>
    /// <param name="length">Its length where jumps inside keep labels from telling it, or null.</param>
    /// <param name="original">The instructions that it replaces.</param>
    /// <param name="number">A number that no other place of the object has.</param>
    /// <param name="first">True to start a new sum.</param>
    public static string Measure(string text, int? length, string original, int number, bool first)
    {
        string measured = length is { } known ? text : $".Llily_from{number}: {text}; .Llily_to{number}:";
        string size = length?.ToString(CultureInfo.InvariantCulture) ?? $".Llily_to{number}-.Llily_from{number}";
        string start = first ? "0" : Sum;
        return $"{measured}; .pushsection .discard.lilyvm,\"e\"; .Llily_was{number}: {original}; .Llily_wasend{number}: .popsection; " +
            $".set {Sum},{start}+({size})-(.Llily_wasend{number}-.Llily_was{number})";
    }

    /// <summary>A padding directive less the sum, as far as it goes; the rest stays in the sum. A comparison that holds is -1.</summary>
    public static string Shrink(PaddingPlan.Padding padding)
    {
        string size = $"({padding.Size})";
        string text = $".space ({Sum}<{size})&({size}-{Sum}){padding.Fill}; .set {Sum},({Sum}>{size})&({Sum}-{size})";
        return padding.IsLast
            ? $"{text}; .if {Sum}>0; .warning \"{Named(padding.Symbol)} outgrows its padding: give it more {IfCompared}\"; .endif"
            : text;
    }

    /// <summary>The warning for a routine that has nothing but alignment to give.</summary>
    public static string Warning(string symbol) => $".warning \"{Named(symbol)} may have outgrown its alignment: pad it by .space " +
        $"{IfCompared}\"; ";

    private static string Named(string symbol) => symbol.Length > 0 ? $"routine {symbol}" : "the routine here";
}
