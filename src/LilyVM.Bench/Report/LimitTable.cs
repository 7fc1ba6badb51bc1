using System.Globalization;

namespace LilyVM.Bench.Report;

/// <summary>How the user engine stands to its limits.</summary>
internal static class LimitTable
{
    /// <summary>Null where there are no limits, or nothing was measured that has one.</summary>
    internal static ReportTable? Of(ExperimentResults results)
    {
        List<SpeedLimit> known = [.. SpeedLimit.Of(results.Target).Where(l => l.Verdict(results) != SpeedVerdict.Unknown)];
        return known.Count == 0 ? null : new ReportTable(
            "The user engine's limits, times native where nothing else is said",
            ["what", "row", "must#", "aim#", "reached#", "verdict"],
            [.. known.Select(l => (string[])[l.What, l.Row, Number(l.Must), Number(l.Aim), Reached(l.Reached(results)!.Value),
                Word(l.Verdict(results))])]);
    }

    private static string Word(SpeedVerdict verdict) => verdict switch
    {
        SpeedVerdict.Aim => "met, as aimed at",
        SpeedVerdict.Met => "met",
        _ => "MISSED",
    };

    private static string Number(double limit) => limit.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Reached(double value) => value.ToString(value < 10 ? "0.000" : "0.0", CultureInfo.InvariantCulture);
}
