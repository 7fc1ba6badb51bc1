using System.Text.Json;
using LilyVM.Assembler.Statistics;
using LilyVM.Tests.Boot;
using LilyVM.Tests.Recipes;

namespace LilyVM.Tests.Cli;

public sealed class CommandLineTests : ScratchTest
{
    [Theory]
    [InlineData(1, "lilyvm: Cannot read /nonexistent: there is no such file.", "audit", "/nonexistent")]
    [InlineData(1, "lilyvm: Cannot read /nonexistent: there is no such file.", "boot", "--kernel", "/nonexistent")]
    [InlineData(1, "lilyvm: Cannot read /nonexistent: there is no such file.", "stats", "/nonexistent")]
    [InlineData(1, "lilyvm: Cannot read /nonexistent: there is no such file.", "convert", "/nonexistent")]
    [InlineData(1, "lilyvm: Cannot read /: it is a directory.", "stats", "/")]
    [InlineData(1, "lilyvm: Cannot read /: it is a directory.", "convert", "/")]
    [InlineData(1, "lilyvm: Cannot read /: it is a directory.", "audit", "/")]
    [InlineData(1, "lilyvm: Cannot read /: it is a directory.", "lab", "--file", "/", "--", "true")]
    [InlineData(1, "lilyvm: Cannot open the disk image /: it is a directory.", "lab", "--disk", "/", "--", "true")]
    public void A_mistake_is_one_sentence_and_an_exit_status(int status, string sentence, params string[] args)
    {
        Assert.Equal((status, "", sentence + "\n"), Run(args));
    }

    [Fact]
    public void Convert_needs_a_file_or_prints_the_rules()
    {
        Assert.Equal((1, "", "lilyvm: Nothing to convert: name an assembly file, or - for standard input.\n"), Run("convert"));
        Assert.Equal(LilyVM.Assembler.Rules.RuleReference.Markdown(), Run("convert", "--rules").Output);
    }

    [Fact]
    public void Help_names_every_command()
    {
        (int status, string output, string errors) = Run("--help");
        Assert.Equal((0, ""), (status, errors));
        Assert.All((string[])["boot", "run", "doctor", "guest", "audit", "convert", "stats", "cache", "test"],
            name => Assert.Contains("\n  " + name, output, StringComparison.Ordinal));
    }

    [Fact]
    public void Audit_fails_on_a_finding_and_passes_when_it_is_allowed()
    {
        string kernel = Write("kernel",
            new ElfBuilder().Code(".text", 0xC100_0000, 0xF4, 0xC3).Symbol("idle", 0xC100_0000).Conversion(1, 7).Build());
        (int status, string output, _) = Run("audit", kernel);
        Assert.Equal(1, status);
        Assert.Matches(@"c1000000 +idle +hlt +faults outside ring 0", output);
        Assert.EndsWith("Failed: 1 findings.\n", output, StringComparison.Ordinal);

        string allow = Write("allow", "idle hlt never runs\nother cli why\n"u8.ToArray());
        (status, output, _) = Run("audit", kernel, "--allow", allow);
        Assert.Equal(0, status);
        Assert.Matches(@"idle +hlt +1 +never runs", output);
        Assert.Contains("Line 2 of the allow-list (other cli) covers nothing; remove it.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Audit_as_json_tells_growth_and_findings()
    {
        string kernel = Write("kernel", new ElfBuilder().Code(".text", 0xC100_0000, 0xF4, 0xC3, 0x90).Conversion(1, 7).Build());
        string before = Write("before", new ElfBuilder().Code(".text", 0xC100_0000, 0xF4, 0xC3).Build());
        (int status, string output, _) = Run("audit", kernel, "--baseline", before, "--json");
        Assert.Equal(1, status);
        JsonElement json = JsonDocument.Parse(output).RootElement;
        Assert.False(json.GetProperty("passed").GetBoolean());
        Assert.Equal((3, 2, 7), (json.GetProperty("textBytes").GetInt32(), json.GetProperty("unconvertedTextBytes").GetInt32(),
            json.GetProperty("rewritten").GetInt32()));
        Assert.Equal("hlt", json.GetProperty("findings")[0].GetProperty("mnemonic").GetString());
    }

    [Fact]
    public void Convert_prints_text_and_reports_what_it_cannot_do()
    {
        string good = Write("good.s", "\tnop\n\tcli\t# here\n"u8.ToArray());
        (int status, string output, string errors) = Run("convert", good);
        Assert.Equal((0, ""), (status, errors));
        Assert.Contains("\tnop\n", output, StringComparison.Ordinal);
        Assert.Matches(@"movb \$0,%ss:0xff810001.*cli", output); // the form, then the original as a comment

        string bad = Write("bad.s", "\tnop\n\tlgdtw (%eax)\n"u8.ToArray());
        (status, output, errors) = Run("convert", bad);
        Assert.Equal((1, ""), (status, output));
        Assert.StartsWith($"{bad}:2: Error: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Stats_sums_the_lines_of_a_build()
    {
        ConversionStatistics Input(string name, int count)
        {
            var statistics = new ConversionStatistics { File = name, Lines = 1000, Inline = 1 };
            for (int i = 0; i < count; i++)
                statistics.CountRewritten("cli");
            statistics.CountLeftAlone("rdtsc", "harmless");
            return statistics;
        }

        string file = Scratch["stats"];
        File.WriteAllLines(file, [Input("a.c", 2).ToJson(), Input("b.c", 3).ToJson()]);
        (int status, string output, _) = Run("stats", file);
        Assert.Equal(0, status);
        Assert.Matches(@"cli +5 *\n", output);
        Assert.Matches(@"b\.c +1,000 +3 +1 *\n +a\.c +1,000 +2 +1 *\n", output);
        Assert.EndsWith("2 inputs, 2,000 lines: 5 instructions rewritten, 2 of them inline; 2 left alone.\n", output,
            StringComparison.Ordinal);

        JsonElement json = JsonDocument.Parse(Run("stats", file, "--json").Output).RootElement;
        Assert.Equal((2, 5), (json.GetProperty("inputs").GetInt32(), json.GetProperty("rewrittenTotal").GetInt32()));
        Assert.Equal(3, json.GetProperty("files")[1].GetProperty("rewritten").GetProperty("cli").GetInt32());

        File.AppendAllText(file, "{}\n");
        Assert.StartsWith($"lilyvm: {file}:3: this is not a line that lily-as", Run("stats", file).Errors, StringComparison.Ordinal);
    }

    internal static (int Status, string Output, string Errors) Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        return (LilyVM.Cli.Program.Run(args, output, errors), output.ToString(), errors.ToString());
    }

    private string Write(string name, byte[] bytes)
    {
        string path = Scratch[name];
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
