namespace LilyVM.Cli.Words;

/// <summary>
/// The word that somebody meant. System.CommandLine has such corrections too, but prints them itself, on several lines of its own.
/// </summary>
internal static class NearestWord
{
    /// <summary>The known word that is nearest, or null if none is near.</summary>
    internal static string? To(string word, IEnumerable<string> known)
    {
        string bare = Bare(word);
        ILookup<string, string> words = known.ToLookup(Bare);
        // A letter alone is short for the only word that begins with it.
        IEnumerable<string> near = bare.Length == 1
            ? words.Select(w => w.Key).Where(w => w.StartsWith(bare, StringComparison.Ordinal)).ToList() is [var only] ? [only] : []
            : NearestNames.Of(bare, words.Select(w => w.Key));
        return near.SelectMany(n => words[n]).FirstOrDefault();
    }

    // Dashes too many or too few are no mistake in the word itself.
    private static string Bare(string word) => word.TrimStart('-').ToLowerInvariant();
}
