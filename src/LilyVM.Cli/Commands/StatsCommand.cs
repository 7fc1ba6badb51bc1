using System.CommandLine;
using System.Text.Json;
using LilyVM.Assembler.Statistics;
using Spectre.Console;

namespace LilyVM.Cli.Commands;

/// <summary>lilyvm stats: sums what lily-as recorded during a build.</summary>
internal static class StatsCommand
{
    private const int FilesShown = 20;

    internal static Command Create()
    {
        var file = new Argument<string>("file")
        {
            Description = "The file that LILYVM_STATS named during the build: one line of JSON per input.",
        };
        var json = new Option<bool>("--json") { Description = "Print the sum and all files as JSON." };
        var allFiles = new Option<bool>("--all-files")
        {
            Description = $"List all files, not only the {FilesShown} with the most rewritten instructions.",
        };
        var command = new Command(
            "stats", "Show what the preprocessor rewrote in a build, by mnemonic and by file, and what it left alone and why.")
        {
            file, json, allFiles,
        };
        command.SetAction(parsed =>
        {
            List<ConversionStatistics> inputs = Read(parsed.GetRequiredValue(file));
            var total = new ConversionStatistics { File = "total" };
            foreach (ConversionStatistics input in inputs)
                total.Add(input);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
                WriteJson(total, inputs, output);
            else
                WriteTables(total, inputs, parsed.GetValue(allFiles) ? inputs.Count : FilesShown, output);
            return 0;
        });
        return command;
    }

    private static List<ConversionStatistics> Read(string path)
    {
        UserFile.RequireThere(path);
        var inputs = new List<ConversionStatistics>();
        int line = 0;
        foreach (string text in File.ReadLines(path))
        {
            line++;
            try
            {
                inputs.Add(ConversionStatistics.FromJson(text));
            }
            catch (JsonException e)
            {
                throw new LilyVMException(
                    $"{path}:{line}: this is not a line that lily-as writes to LILYVM_STATS; give the file of a whole build.", e);
            }
        }
        return inputs;
    }

    private static void WriteTables(ConversionStatistics total, List<ConversionStatistics> inputs, int filesShown, TextWriter output)
    {
        IAnsiConsole console = Tables.Console(output);
        Table mnemonics = Tables.Create("Rewritten by mnemonic", "mnemonic", "count#");
        foreach ((string mnemonic, int count) in total.Rewritten.OrderByDescending(r => r.Value).ThenBy(r => r.Key, StringComparer.Ordinal))
            mnemonics.Row(mnemonic, Tables.Number(count));
        console.Write(mnemonics);

        Table files = Tables.Create("Rewritten by file", "file", "lines#", "rewritten#", "inline#");
        foreach (ConversionStatistics input in inputs.OrderByDescending(i => i.RewrittenTotal).ThenBy(i => i.File, StringComparer.Ordinal)
            .Take(filesShown))
            files.Row(input.File, Tables.Number(input.Lines), Tables.Number(input.RewrittenTotal), Tables.Number(input.Inline));
        console.Write(files);

        if (total.LeftAlone.Count > 0)
        {
            Table left = Tables.Create("Left alone", "mnemonic", "count#", "reason");
            foreach (((string mnemonic, string reason), int count) in total.LeftAlone)
                left.Row(mnemonic, Tables.Number(count), reason);
            console.Write(left);
        }
        output.WriteLine(
            $"{Tables.Number(inputs.Count)} inputs, {Tables.Number(total.Lines)} lines: {Tables.Number(total.RewrittenTotal)} " +
            "instructions rewritten, " +
            $"{Tables.Number(total.Inline)} of them inline; {Tables.Number(total.LeftAlone.Values.Sum())} left alone.");
    }

    private static void WriteJson(ConversionStatistics total, List<ConversionStatistics> inputs, TextWriter output) =>
        JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("inputs", inputs.Count);
        json.WriteNumber("rewrittenTotal", total.RewrittenTotal);
        json.WritePropertyName("total");
        json.WriteRawValue(total.ToJson());
        json.WriteStartArray("files");
        foreach (ConversionStatistics input in inputs)
            json.WriteRawValue(input.ToJson());
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
