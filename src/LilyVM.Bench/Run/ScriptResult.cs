using System.Text.Json;

namespace LilyVM.Bench.Run;

/// <summary>A line of a script and when it came, in seconds since the start of the contender.</summary>
internal readonly record struct ScriptLine(double Seconds, string Text);

/// <summary>What a script did.</summary>
internal sealed record ScriptResult
{
    /// <summary>Exit status of the contender.</summary>
    internal required int Status { get; init; }

    /// <summary>The lines that are meant for us: those that begin with @.</summary>
    internal required IReadOnlyList<ScriptLine> Lines { get; init; }

    /// <summary>The last of what else it printed.</summary>
    internal required string LastOutput { get; init; }

    /// <summary>What it printed on standard error.</summary>
    internal required string Errors { get; init; }

    /// <summary>Seconds until it ended.</summary>
    internal required double Seconds { get; init; }

    /// <summary>Bytes of memory that it had when the script said @held.</summary>
    internal long? HeldBytes { get; init; }

    /// <summary>The last line that says something about a failure.</summary>
    internal string LastError
    {
        get
        {
            string errors = CountersAt is { } counters ? Errors[..counters.Start] + Errors[counters.End..] : Errors;
            return LastLine(errors) ?? LastLine(LastOutput) ?? $"it ended with status {Status}";
        }
    }

    /// <summary>What the engine counted.</summary>
    internal IReadOnlyDictionary<string, long> Counters =>
        CountersAt is { } place ? JsonSerializer.Deserialize<Dictionary<string, long>>(Errors[place])! : new Dictionary<string, long>();

    private Range? CountersAt
    {
        get
        {
            int start = Errors.IndexOf('{', StringComparison.Ordinal), end = Errors.LastIndexOf('}');
            return start >= 0 && end > start ? start..(end + 1) : null;
        }
    }

    /// <summary>
    /// The guest's seconds for one of the host's, by the first and the last @clock line; null if they are too near to tell.
    /// </summary>
    internal double? ClockRatio
    {
        get
        {
            List<ScriptLine> clocks = [.. Lines.Where(l => l.Text.StartsWith("@clock ", StringComparison.Ordinal))];
            const double Least = 1;
            return clocks.Count >= 2 && clocks[^1].Seconds - clocks[0].Seconds >= Least
                ? (Number(clocks[^1].Text) - Number(clocks[0].Text)) / (clocks[^1].Seconds - clocks[0].Seconds)
                : null;
        }
    }

    private static double Number(string line) => double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    private static string? LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .LastOrDefault(l => !l.Contains("reboot: ", StringComparison.Ordinal)); // the kernel's farewell
}
