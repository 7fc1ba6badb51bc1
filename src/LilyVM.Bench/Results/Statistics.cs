namespace LilyVM.Bench.Results;

/// <summary>What several values of a row say together.</summary>
/// <param name="Minimum">The least.</param>
/// <param name="Median">The one in the middle, or the mean of the two there.</param>
/// <param name="Spread">Half the distance of the quartiles, as a part of the median.</param>
/// <param name="Count">How many they are.</param>
internal sealed record Statistics(double Minimum, double Median, double Spread, int Count)
{
    /// <summary>Of at least one value.</summary>
    internal static Statistics Of(IEnumerable<double> values)
    {
        List<double> sorted = [.. values.Order()];
        double median = Quantile(sorted, 0.5);
        double spread = (Quantile(sorted, 0.75) - Quantile(sorted, 0.25)) / 2;
        return new Statistics(sorted[0], median, median == 0 ? 0 : spread / median, sorted.Count); // seconds in a kernel may be none
    }

    // Between neighbours by their distance, as most statistics programs do (Hyndman and Fan's definition 7).
    private static double Quantile(List<double> sorted, double part)
    {
        double place = part * (sorted.Count - 1);
        int below = (int)place, above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
