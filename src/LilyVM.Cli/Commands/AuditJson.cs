using System.Text.Json;
using LilyVM.Audit;

namespace LilyVM.Cli.Commands;

/// <summary>An audit for programs.</summary>
internal static class AuditJson
{
    internal static void Write(AuditReport report, long? unconvertedBytes, TextWriter output) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteString("kernel", report.FileName);
        json.WriteBoolean("passed", report.Passed);
        json.WriteString("noteProblem", report.NoteProblem);
        json.WriteNumber("instructions", report.Instructions);
        json.WriteNumber("textBytes", report.TextBytes);
        if (unconvertedBytes is { } bytes)
            json.WriteNumber("unconvertedTextBytes", bytes);
        json.WriteNumber("objects", report.Notes.Objects);
        json.WriteNumber("rewritten", report.Notes.Rewritten);
        json.WriteNumber("inline", report.Notes.InlineSites.Count);
        json.WriteStartObject("calls");
        foreach ((string entry, int count) in report.Calls)
            json.WriteNumber(entry, count);
        json.WriteEndObject();
        json.WriteStartArray("findings");
        foreach (AuditFinding finding in report.Findings)
            WriteFinding(json, finding, null);
        json.WriteEndArray();
        json.WriteStartArray("allowed");
        foreach ((AuditFinding finding, AllowEntry entry) in report.Allowed)
            WriteFinding(json, finding, entry.Reason);
        json.WriteEndArray();
        json.WriteStartArray("unusedAllowEntries");
        foreach (AllowEntry entry in report.UnusedEntries)
            json.WriteStringValue($"{entry.Symbol} {entry.Mnemonic}");
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void WriteFinding(Utf8JsonWriter json, AuditFinding finding, string? reason)
    {
        json.WriteStartObject();
        json.WriteNumber("address", finding.Address);
        json.WriteString("section", finding.Section);
        json.WriteString("symbol", finding.Symbol);
        json.WriteString("mnemonic", finding.Name);
        json.WriteString("text", finding.Text);
        json.WriteString("why", reason ?? finding.Why);
        json.WriteEndObject();
    }
}
