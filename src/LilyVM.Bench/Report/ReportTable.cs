using LilyVM.Cli;
using Spectre.Console;

namespace LilyVM.Bench.Report;

/// <summary>A table of the report, before it is written in some form.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Headings">Of the columns; those that end in # hold numbers.</param>
/// <param name="Rows">The rows, a text for each column; one without any parts groups.</param>
internal sealed record ReportTable(string Title, IReadOnlyList<string> Headings, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>Writes it for people at a terminal.</summary>
    internal void Write(TextWriter output)
    {
        Table table = Tables.Create(Title, [.. Headings]);
        foreach (IReadOnlyList<string> row in Rows)
        {
            if (row.Count == 0)
                table.AddEmptyRow();
            else
                table.Row([.. row]);
        }
        Tables.Console(output).Write(table);
    }

    /// <summary>Writes it as Markdown.</summary>
    internal void WriteMarkdown(TextWriter output)
    {
        void Line(IEnumerable<string> cells) => output.WriteLine($"| {string.Join(" | ", cells)} |");
        output.WriteLine(Title + ":");
        output.WriteLine();
        Line(Headings.Select(h => h.TrimEnd('#')));
        Line(Headings.Select(h => h.EndsWith('#') ? "---:" : "---"));
        foreach (IReadOnlyList<string> row in Rows.Where(r => r.Count > 0))
            Line(row.Select(cell => cell.Replace("|", @"\|", StringComparison.Ordinal)));
        output.WriteLine();
    }
}
