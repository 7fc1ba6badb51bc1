using System.Globalization;
using System.Text;
using LilyVM.Abi;

namespace LilyVM.Assembler.Emission;

/// <summary>
/// What a converted object carries besides its code: the absolute addresses of the library entries it calls, and the conversion note. The note's
/// header, sites and end are subsections 0, 1 and 2 of one section, so that sites can be recorded where the code stands. The section is not
/// allocated: it takes no memory in the guest, and a flat image made of the kernel does not hold it.
/// </summary>
internal sealed class ObjectEpilogue
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

    /// <summary>The lines to put after the converted text; none when nothing was rewritten.</summary>
    public string Text(int rewritten)
    {
        if (rewritten == 0)
            return "";
        var text = new StringBuilder();
        foreach (string symbol in symbols)
        {
            if (!LibraryEntries.TryGet(symbol["lily_".Length..], out LibraryEntry entry))
                throw new InvalidOperationException($"'{symbol}' is not an entry of the VM library");
            text.Append(CultureInfo.InvariantCulture, $".set {symbol},0x{entry.Address:x8}\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"""
            {Push},0,"",@note
            .balign 4
            .long {ConversionNote.Owner.Length + 1},.Llily_note_end-.Llily_note,{ConversionNote.Type}
            .asciz "{ConversionNote.Owner}"
            .balign 4
            .Llily_note: .long {VmArea.AbiVersion},{rewritten}
            .popsection
            {Push},2,"",@note
            .Llily_note_end:
            .popsection

            """);
        return text.ToString();
    }
}
