using System.Text.RegularExpressions;
using LilyVM.Assembler.Syntax;

namespace LilyVM.Assembler.Emission;

/// <summary>
/// Finds routines that are padded to a size. Sources compare such sizes at run time (one routine is copied over another), so what
/// conversion adds is taken from the padding: <c>.space</c>, <c>.skip</c>, <c>.zero</c>, <c>.fill</c> and <c>.rept n; nop; .endr</c> of
/// constant size behind a sensitive instruction, up to the next alignment. Alignment gives by itself. Room behind a label is storage and
/// stays.
/// </summary>
internal sealed partial class PaddingPlan
{
    /// <summary>Larger room is storage, not padding.</summary>
    private const long LargestPadding = 1024;

    private readonly string source;
    private readonly List<Statement> statements;
    private readonly HashSet<int> measured = [];
    private readonly Dictionary<int, Padding> paddings = [];
    private readonly Dictionary<int, (int First, string Symbol)> ends = [];

    /// <summary>A directive that gives room.</summary>
    /// <param name="Last">Index of its last statement.</param>
    /// <param name="Size">Its size in bytes, as an expression.</param>
    /// <param name="Fill">What follows the size, with its comma, or nothing.</param>
    /// <param name="Symbol">The routine.</param>
    public sealed record Padding(int Last, string Size, string Fill, string Symbol)
    {
        /// <summary>True for the last one of its routine: what is left over then is reported.</summary>
        public bool IsLast { get; set; } = true;
    }

    private PaddingPlan(string source, List<Statement> statements) => (this.source, this.statements) = (source, statements);

    /// <summary>Looks through a text.</summary>
    public static PaddingPlan Make(string source, List<Statement> statements, AssemblerState state)
    {
        var plan = new PaddingPlan(source, statements);
        if (source.Contains("align", StringComparison.Ordinal) || PaddingDirectives.Any(d => source.Contains(d, StringComparison.Ordinal)))
            plan.Walk(state);
        return plan;
    }

    private static readonly string[] PaddingDirectives = [".space", ".skip", ".zero", ".fill", ".rept"];

    /// <summary>True for an instruction whose growth padding behind it takes up.</summary>
    public bool IsMeasured(int index) => measured.Contains(index);

    /// <summary>The padding that a statement begins, or null.</summary>
    public Padding? At(int index) => paddings.GetValueOrDefault(index);

    /// <summary>True for a label that ends a routine which has only alignment to give: the routine's first statement and name.</summary>
    public bool EndsAligned(int index, out (int First, string Symbol) routine) => ends.TryGetValue(index, out routine);

    private void Walk(AssemblerState state)
    {
        int first = 0, depth = state.SectionDepth;
        string symbol = "";
        var instructions = new List<int>();
        Padding? last = null;
        for (int i = 0; i < statements.Count; i++)
        {
            Statement statement = statements[i];
            ReadOnlySpan<char> text = statement.Text(source);
            ReadOnlySpan<char> word = Instruction.FirstWord(text);
            bool wasInBlock = state.InBlock;
            if (statement.Kind == StatementKind.Directive)
                state.Follow(text, statement.Line);
            if (state.SectionDepth != depth)
                continue;
            switch (statement.Kind)
            {
                case StatementKind.Label when symbol.Length == 0 && !text.StartsWith(".L") && !char.IsAsciiDigit(text[0]):
                    symbol = text.TrimEnd(':').ToString();
                    break;
                case StatementKind.Instruction when !wasInBlock && state.InCode:
                    instructions.Add(i);
                    break;
                case StatementKind.Directive when !wasInBlock && state.InCode && instructions.Count > 0 && Read(i, symbol) is { } padding:
                    measured.UnionWith(instructions);
                    if (last is not null)
                        last.IsLast = false;
                    paddings[i] = last = padding;
                    if (padding.Last > i)
                        state.Follow(".endr", statement.Line);
                    i = padding.Last;
                    break;
                case StatementKind.Directive when IsBoundary(word) || wasInBlock != state.InBlock:
                    bool aligned = last is null && instructions.Count > 0 && symbol.Length > 0
                        && word.Contains("align", StringComparison.Ordinal);
                    if (aligned && EndLabel(i + 1, symbol) is { } end)
                        ends[end] = (first, symbol);
                    (first, symbol, last) = (i, "", null);
                    instructions.Clear();
                    break;
            }
        }
    }

    private static bool IsBoundary(ReadOnlySpan<char> word) =>
        word is ".align" or ".balign" or ".p2align" or ".balignw" or ".balignl" or ".p2alignw" or ".p2alignl" or ".org"
            or ".text" or ".data" or ".bss" or ".section" or ".previous" or ".subsection";

    // `lock_end:` or `end_lock:` behind the alignment of `lock`.
    private int? EndLabel(int index, string symbol)
    {
        for (; index < statements.Count && statements[index].Kind is StatementKind.Label or StatementKind.Directive; index++)
        {
            string label = statements[index].Text(source).TrimEnd(':').ToString();
            string rest = label.Replace(symbol, "", StringComparison.Ordinal);
            if (statements[index].Kind == StatementKind.Label && rest != label && rest.Contains("end", StringComparison.OrdinalIgnoreCase))
                return index;
        }
        return null;
    }

    private Padding? Read(int index, string symbol)
    {
        if (index > 0 && statements[index - 1].Kind == StatementKind.Label)
            return null;
        string text = statements[index].Text(source).ToString();
        ReadOnlySpan<char> word = Instruction.FirstWord(text);
        string rest = text[word.Length..].Trim();
        string[] parts = rest.Split(',', 3, StringSplitOptions.TrimEntries);
        switch (word)
        {
            case ".space" or ".skip" or ".zero":
                string fill = parts.Length > 1 ? rest[rest.IndexOf(',', StringComparison.Ordinal)..] : "";
                return IsConstant(parts[0]) ? new Padding(index, parts[0], fill, symbol) : null;
            case ".fill" when IsConstant(parts[0]):
                string size = parts.Length > 1 ? parts[1] : "1", value = parts.Length > 2 ? parts[2] : "0";
                bool bytes = size == "1" || (IsConstant(size) && value == "0");
                return bytes ? new Padding(index, $"({parts[0]})*({size})", "," + value, symbol) : null;
            case ".rept" when IsConstant(rest) && index + 2 < statements.Count:
                bool nops = statements[index + 1].Text(source) is "nop" && statements[index + 2].Text(source) is ".endr";
                return nops ? new Padding(index + 2, rest, ",0x90", symbol) : null;
            default:
                return null;
        }
    }

    // Labels, `.` and names belong to sources that compute their padding themselves.
    private static bool IsConstant(string expression) =>
        Arithmetic().IsMatch(expression) && !(long.TryParse(expression, out long value) && value > LargestPadding);

    [GeneratedRegex(@"^(?:[()+\-*/<>\s]|\b(?:0[xX][0-9a-fA-F]+|[0-9]+)\b)+$")]
    private static partial Regex Arithmetic();
}
