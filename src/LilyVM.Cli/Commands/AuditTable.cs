using System.Globalization;
using LilyVM.Audit;
using Spectre.Console;

namespace LilyVM.Cli.Commands;

/// <summary>An audit for people.</summary>
internal static class AuditTable
{
    internal static void Write(AuditReport report, long? unconvertedBytes, TextWriter output)
    {
        IAnsiConsole console = Tables.Console(output);
        if (report.Findings.Count > 0)
            console.Write(Findings(report));
        if (report.Allowed.Count > 0)
            console.Write(Allowed(report));
        console.Write(Summary(report, unconvertedBytes));
        foreach (AllowEntry entry in report.UnusedEntries)
            output.WriteLine($"Line {entry.Line} of the allow-list ({entry.Symbol} {entry.Mnemonic}) covers nothing; remove it.");
        if (report.NoteProblem is not null)
            output.WriteLine(report.NoteProblem);
        output.WriteLine(report.Passed
            ? "Passed: no sensitive instruction is left outside the allow-list."
            : $"Failed: {Tables.Number(report.Findings.Count)} " +
                $"findings{(report.NoteProblem is null ? "" : ", and the kernel would be refused")}.");
    }

    private static Table Findings(AuditReport report)
    {
        Table table = Tables.Create("Left in the kernel", "address", "symbol", "instruction", "why");
        string? last = null;
        foreach (AuditFinding finding in report.Findings)
        {
            table.Row($"{finding.Address:x8}", finding.Symbol == last ? "" : finding.Symbol,
                finding.Text.Length > 0 ? finding.Text : finding.Name, finding.Why);
            last = finding.Symbol;
        }
        return table;
    }

    private static Table Allowed(AuditReport report)
    {
        Table table = Tables.Create("Allowed", "symbol", "mnemonic", "count#", "reason");
        foreach (var group in report.Allowed.GroupBy(a => a.Entry).OrderBy(g => g.Key.Line))
            table.Row(group.Key.Symbol, group.Key.Mnemonic, Tables.Number(group.Count()), group.Key.Reason);
        return table;
    }

    private static Table Summary(AuditReport report, long? unconvertedBytes)
    {
        Table table = Tables.Create(report.FileName, "", "#");
        table.Row("instructions read", Tables.Number(report.Instructions));
        table.Row("bytes of text", Tables.Number(report.TextBytes));
        if (unconvertedBytes is > 0)
            table.Row("text growth", ((double)(report.TextBytes - unconvertedBytes.Value) / unconvertedBytes.Value)
                .ToString("+0.00%;-0.00%", CultureInfo.InvariantCulture));
        table.Row("converted objects", Tables.Number(report.Notes.Objects));
        table.Row("instructions rewritten", Tables.Number(report.Notes.Rewritten));
        table.Row("inline forms", Tables.Number(report.Notes.InlineSites.Count));
        table.Row("calls of the VM library", Tables.Number(report.Calls.Values.Sum()));
        table.Row("sensitive instructions left", Tables.Number(report.Findings.Count));
        table.Row("sensitive instructions allowed", Tables.Number(report.Allowed.Count));
        return table;
    }
}
