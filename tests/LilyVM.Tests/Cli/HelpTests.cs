using System.Text.RegularExpressions;
using LilyVM.Cli.Help;
using LilyVM.Tests.Support;
using Command = System.CommandLine.Command;

namespace LilyVM.Tests.Cli;

/// <summary>The pages of help say what is so, in one spelling.</summary>
public sealed partial class HelpTests
{
    public static TheoryData<string> Paths => [.. Pages(LilyVM.Cli.Program.CreateRoot(), "")];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Help_of_a_command_is_its_option_s(string path)
    {
        string[] words = path.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        (int status, string output, string errors) = CommandLineTests.Run([.. words, "--help"]);
        Assert.Equal((0, ""), (status, errors));
        Assert.Equal((0, output, ""), CommandLineTests.Run(["help", .. words]));
        Assert.Equal((0, output, ""), CommandLineTests.Run([.. words, "-h"]));
        Assert.All(output.Split('\n'), line => Assert.True(line.Length <= 120, line));
        // One spelling: each option has one name, but for -h and -j, which everybody types.
        MatchCollection options = OptionLine().Matches(output);
        Assert.NotEmpty(options);
        Assert.All(options, o => Assert.True(o.Groups[1].Value is "" or "-h, " or "-j, ", o.Value));
    }

    [Fact]
    public void The_first_page_names_every_command_and_status()
    {
        string page = CommandLineTests.Run("--help").Output;
        foreach (string name in (string[])["boot", "run", "container", "doctor", "guest", "cache", "lab", "audit", "convert", "stats",
            "test", "bench",
            "help"])
            Assert.Contains($"\n  {name} ", page, StringComparison.Ordinal);
        foreach (int status in (int[])[0, LilyVM.Cli.Program.Failure, LilyVM.Cli.Program.WrongUsage, MachineResult.FailureStatus, 128])
            Assert.Matches($@"\n  {status}\b", page);
    }

    // What the program and lily-as read, by the names in their source.
    [Fact]
    public void Every_variable_of_the_environment_is_on_the_first_page()
    {
        string[] folders = ["LilyVM", "LilyVM.Cli", "LilyVM.Assembler", "LilyVM.Assembler.Driver"];
        IEnumerable<string> sources = folders
            .SelectMany(f => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", f), "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.EndsWith("HelpSections.cs", StringComparison.Ordinal))
            .Select(File.ReadAllText);
        HashSet<string> named = [.. HelpSections.Environment.Rows.Select(r => r.Word)];
        HashSet<string> read = [.. sources.SelectMany(s => Variable().Matches(s)).Select(m => m.Groups[1].Value)];
        Assert.Contains("XDG_CACHE_HOME", read);
        Assert.Empty(read.Except(named));
        // Spectre.Console and Path.GetTempPath read them.
        Assert.Equal(["NO_COLOR", "TMPDIR"], named.Except(read).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_limits_are_those_of_machines()
    {
        string page = CommandLineTests.Run("run", "--help").Output;
        Assert.Matches(@"\n  drives +4: /dev/vda to /dev/vdd", page);
        Assert.Matches(@"\n  memory +16M to 3G \(IA-32\), 1024G \(x86-64\)", page);
        Assert.Contains("Exit status:", page, StringComparison.Ordinal);
        Assert.Contains("lilyvm help qemu", page, StringComparison.Ordinal);
        Assert.Equal(4, MachineOptions.MaxDrives);
    }

    [Fact]
    public void The_version_is_one_short_line()
    {
        (int status, string output, string errors) = CommandLineTests.Run("--version");
        Assert.Equal((0, ""), (status, errors));
        Assert.Matches(@"^lilyvm \d+\.\d+\.\d+\n$", output);
        Assert.Contains($"<Version>{output["lilyvm ".Length..].Trim()}</Version>",
            File.ReadAllText(Path.Combine(Repository.Root, "Directory.Build.props")), StringComparison.Ordinal);
    }

    [Fact]
    public void Examples_are_words_that_are_understood()
    {
        foreach (string path in Pages(LilyVM.Cli.Program.CreateRoot(), ""))
        {
            foreach ((string example, _) in HelpSections.Of(path).Where(s => s.Title == "Examples").SelectMany(s => s.Rows))
            {
                string[] words = [.. example.Split('<')[0].Replace("\"", "", StringComparison.Ordinal)
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)];
                Assert.Empty(LilyVM.Cli.Program.CreateRoot().Parse(words).Errors);
            }
        }
    }

    private static IEnumerable<string> Pages(Command command, string path) =>
        [path, .. command.Subcommands.SelectMany(c => Pages(c, $"{path} {c.Name}".Trim()))];

    [GeneratedRegex(@"^  (-\w, |.*, )?--[a-z-]+", RegexOptions.Multiline)]
    private static partial Regex OptionLine();

    [GeneratedRegex("\"((?:LILYVM|XDG)_[A-Z_]+)\"")]
    private static partial Regex Variable();
}
