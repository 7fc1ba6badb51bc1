using System.Globalization;
using LilyVM.Cli.Terminal;
using Spectre.Console;

namespace LilyVM.Cli;

/// <summary>Tables for people; programs get --json.</summary>
internal static class Tables
{
    private const int WidthWithoutTerminal = 160;

    /// <summary>A console on a writer: as wide as the terminal, or wide enough for a log, and then without colour.</summary>
    internal static IAnsiConsole Console(TextWriter output)
    {
        int? terminalWidth = StandardStream.TerminalWidth(output);
        return AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiOutput(output, terminalWidth is not null, terminalWidth ?? WidthWithoutTerminal),
            Ansi = terminalWidth is not null ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminalWidth is not null ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
    }

    /// <summary>A table; columns whose heading ends in # hold numbers.</summary>
    internal static Table Create(string title, params string[] headings)
    {
        var table = new Table { Border = TableBorder.Simple, Title = new TableTitle(Markup.Escape(title)) };
        foreach (string heading in headings)
        {
            var column = new TableColumn(Markup.Escape(heading.TrimEnd('#')))
            {
                Alignment = heading.EndsWith('#') ? Justify.Right : Justify.Left,
            };
            table.AddColumn(column);
        }
        return table;
    }

    /// <summary>Adds a row of plain text.</summary>
    internal static void Row(this Table table, params string[] cells) => table.AddRow([.. cells.Select(c => new Text(c))]);

    /// <summary>A number with thousands apart.</summary>
    internal static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
