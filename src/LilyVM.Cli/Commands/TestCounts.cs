using System.Text.Json;

namespace LilyVM.Cli.Commands;

/// <summary>How many tests ended how.</summary>
internal sealed record TestCounts(int Passed, int Failed, int Skipped)
{
    /// <summary>Reads the runner's report, in the Common Test Report Format (ctrf.io). Null if there is none.</summary>
    internal static TestCounts? Read(string report)
    {
        if (!File.Exists(report))
            return null;
        using FileStream file = File.OpenRead(report);
        try
        {
            using JsonDocument document = JsonDocument.Parse(file);
            JsonElement summary = document.RootElement.GetProperty("results").GetProperty("summary");
            int Count(string name) => summary.GetProperty(name).GetInt32();
            return new TestCounts(Count("passed"), Count("failed"), Count("skipped"));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new LilyVMException($"The test runner's report {report} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>The counts with one more that passed or failed.</summary>
    internal TestCounts With(bool passed) => passed ? this with { Passed = Passed + 1 } : this with { Failed = Failed + 1 };

    /// <summary>The last line of <c>lilyvm test</c>.</summary>
    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped} skipped";
}
