namespace LilyVM.Cli.Guests;

/// <summary>One edit of a kernel's source, as a recipe's <c>edits.txt</c> has it.</summary>
/// <param name="Place">Where it is written, for messages: file and line.</param>
/// <param name="File">The source file, relative to the top of the tree.</param>
/// <param name="Reason">Why, in one sentence.</param>
/// <param name="Find">Whole lines, each with its line feed, that the file has exactly once.</param>
/// <param name="Replacement">Whole lines, or nothing, that take their place.</param>
internal sealed record KernelEdit(string Place, string File, string Reason, string Find, string Replacement)
{
    /// <summary>
    /// The edited text. An edit that does not apply exactly once is an error: the kernel is another than the recipe is for.
    /// </summary>
    internal string Apply(string text)
    {
        int first = IndexOfLines(text, 0);
        if (first >= 0 && IndexOfLines(text, first + 1) < 0)
            return string.Concat(text.AsSpan(0, first), Replacement, text.AsSpan(first + Find.Length));
        throw new LilyVMException(
            $"{Place}: the edit of {File} does not apply ({Reason.TrimEnd('.')}): its lines are found " +
            $"{(first < 0 ? "nowhere" : "more than once")} there; " +
            "the recipe is for another version of this kernel.");
    }

    // Lines are found where a line begins only.
    private int IndexOfLines(string text, int from)
    {
        for (int at; (at = text.IndexOf(Find, from, StringComparison.Ordinal)) >= 0; from = at + 1)
        {
            if (at == 0 || text[at - 1] == '\n')
                return at;
        }
        return -1;
    }
}
