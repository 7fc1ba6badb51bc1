using System.Globalization;
using LilyVM.Engines;

namespace LilyVM.Cli.Terminal;

/// <summary>Prints what an engine counted.</summary>
internal static class CounterOutput
{
    /// <summary>For people: one counter a line.</summary>
    internal static void WriteTable(TextWriter output, IReadOnlyList<Counter> counters)
    {
        int width = counters.Select(c => c.Name.Length).DefaultIfEmpty().Max();
        foreach (Counter counter in counters)
            output.WriteLine($"{counter.Name.PadRight(width)} {counter.Value.ToString("N0", CultureInfo.InvariantCulture),15}");
    }

    /// <summary>For programs: an object with a number for each name.</summary>
    internal static void WriteJson(TextWriter output, IReadOnlyList<Counter> counters) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        foreach (Counter counter in counters)
            json.WriteNumber(counter.Name, counter.Value);
        json.WriteEndObject();
    });
}
