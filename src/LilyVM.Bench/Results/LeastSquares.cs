namespace LilyVM.Bench.Results;

/// <summary>Linear least squares with unknowns that cannot be negative.</summary>
internal static class LeastSquares
{
    private const int Rounds = 20_000;

    /// <summary>
    /// The x of least |Ax - b| with no x below zero, by descent along one coordinate after another, which ends at the least because the
    /// problem is convex.
    /// </summary>
    internal static double[] SolveNonNegative(IReadOnlyList<double[]> a, IReadOnlyList<double> b)
    {
        double[] x = new double[a[0].Length], rest = [.. b];
        double[] squares = [.. Enumerable.Range(0, x.Length).Select(j => a.Sum(row => row[j] * row[j]))];
        for (int round = 0; round < Rounds; round++)
        {
            for (int j = 0; j < x.Length; j++)
            {
                if (squares[j] == 0)
                    continue; // never counted: any cost fits, zero says least
                double step = 0;
                for (int i = 0; i < rest.Length; i++)
                    step += a[i][j] * rest[i];
                step = Math.Max(step / squares[j], -x[j]);
                x[j] += step;
                for (int i = 0; i < rest.Length; i++)
                    rest[i] -= step * a[i][j];
            }
        }
        return x;
    }
}
