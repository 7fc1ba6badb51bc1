using System.Globalization;
using System.Text;
using LilyVM.Abi;
using LilyVM.Assembler.Rules;

namespace LilyVM.Assembler.Emission;

/// <summary>
/// What a converted object carries besides its code: the absolute addresses of the library entries it calls, and the conversion note. The
/// note's header, sites and end are subsections 0, 1 and 2 of one section, so that sites can be recorded where the code stands. The
/// section is not allocated: it takes no memory in the guest, and a flat image made of the kernel does not hold it.
/// </summary>
internal sealed class ObjectEpilogue(RuleSet rules)
{
    private const string Push = ".pushsection " + ConversionNote.Section;

    private readonly SortedSet<string> symbols = new(StringComparer.Ordinal);

    /// <summary>Notes that the object calls a library entry.</summary>
    public void Use(string symbol) => symbols.Add(symbol);

    /// <summary>Adds to an inline form the record that allows it to be undone.</summary>
    /// <param name="text">The form.</param>
    /// <param name="siteBytes">Lengths and original bytes.</param>
    /// <param name="inMacro">True in a macro body, where <c>\@</c> tells the expansions apart.</param>
    /// <param name="number">A number that no other site of the object has.</param>
    public static string RecordSite(string text, string siteBytes, bool inMacro, int number)
    {
        string label = inMacro ? $".Llily_{number}_\\@" : $".Llily_{number}";
        return $"{label}: {text}; {Push},1,\"\",@note; .long {label}; .byte {siteBytes}; .popsection";
    }

    /// <summary>
    /// The same for x86-64, where the assembler itself writes the original instruction into the record.
    /// </summary>
    /// <param name="text">What stands in the instruction's place.</param>
    /// <param name="length">Its length where jumps inside keep labels from telling it, or null.</param>
    /// <param name="original">The instruction.</param>
    /// <param name="inMacro">True in a macro body, where <c>\\@</c> tells the expansions apart.</param>
    /// <param name="number">A number that no other site of the object has.</param>
    public static string RecordWideSite(string text, int? length, string original, bool inMacro, int number)
    {
        string suffix = inMacro ? $"{number}_\\@" : $"{number}";
        string end = length is null ? $" .Llily_end{suffix}:" : "";
        string size = length?.ToString(CultureInfo.InvariantCulture) ?? $".Llily_end{suffix}-.Llily_{suffix}";
        string was = $".Llily_was{suffix}", wasEnd = $".Llily_wasend{suffix}";
        return $".Llily_{suffix}: {text};{end} {Push},1,\"\",@note; .quad .Llily_{suffix}; .byte {size},{wasEnd}-{was}; " +
            $"{was}: {original}; {wasEnd}: .skip {Abi.X64.InlineSite.LongestOriginal}-({wasEnd}-{was}); .popsection";
    }

    /// <summary>The lines to put after the converted text; none when nothing was rewritten.</summary>
    public string Text(int rewritten)
    {
        if (rewritten == 0)
            return "";
        var text = new StringBuilder();
        foreach (string symbol in symbols)
        {
            LibraryEntry entry = CallForm.Entry(symbol["lily_".Length..], rules);
            text.Append(CultureInfo.InvariantCulture, $".set {symbol},0x{entry.Address:x8}\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"""
            {Push},0,"",@note
            .balign 4
            .long {ConversionNote.Owner.Length + 1},.Llily_note_end-.Llily_note,{rules.NoteType}
            .asciz "{ConversionNote.Owner}"
            .balign 4
            .Llily_note: .long {rules.AbiVersion},{rewritten}
            .popsection
            {Push},2,"",@note
            .Llily_note_end:
            .popsection

            """);
        return text.ToString();
    }
}
