namespace LilyVM;

/// <summary>Finds what somebody who mistyped a name may have meant.</summary>
internal static class NearestNames
{
    private const int MostNames = 3, MostChanges = 2;

    /// <summary>The names that are closest to <paramref name="typed"/>; none if all are far from it.</summary>
    internal static IReadOnlyList<string> Of(string typed, IEnumerable<string> names)
    {
        var near = names.Select(name => (Name: name, Changes: Changes(typed, name)))
            .Where(n => n.Changes <= MostChanges && n.Changes < n.Name.Length).ToList();
        int least = near.Select(n => n.Changes).DefaultIfEmpty().Min();
        return [.. near.Where(n => n.Changes == least).Select(n => n.Name).Order(StringComparer.Ordinal).Take(MostNames)];
    }

    // Letters to put in, take out or exchange, to make one of the other (Levenshtein).
    private static int Changes(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int exchanged = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(exchanged, Math.Min(diagonal, row[j - 1]) + 1);
            }
        }
        return row[to.Length];
    }
}
