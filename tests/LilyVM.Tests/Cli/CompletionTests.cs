using System.CommandLine;
using LilyVM.Cli.Help;
using LilyVM.Tests.Recipes;
using Command = LilyVM.Tests.Support.Command;

namespace LilyVM.Tests.Cli;

/// <summary>The manual page and the shells' completion, in the programs that they are for.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly ScratchFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    public static TheoryData<string, string> Lines => new()
    {
        { "lilyvm bo", "boot" },
        { "lilyvm boot --iso", "--isolation" },
        { "lilyvm boot --isolation pro", "process" },
        { "lilyvm container ru", "run" },
        { "lilyvm container run --rm", "--rm" },
        { "lilyvm guest build linux --with-o", "--with-oracle" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void Bash_completes(string line, string expected)
    {
        scratch.Write("completion", Topic("bash"));
        string script = $"""
            source '{scratch["completion"]}'
            COMP_WORDS=({line}) COMP_CWORD=$(({line.Split(' ').Length} - 1))
            _lilyvm
            echo "$COMPREPLY"
            """;
        Assert.Equal(new Command.Result(0, expected + "\n", ""), Command.Run("bash", ["-c", script]));
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public void Fish_completes(string line, string expected)
    {
        scratch.Write("completion", Topic("fish"));
        Command.Result result = Command.Run("fish", ["--no-config", "-c", $"source '{scratch["completion"]}'; complete -C '{line}'"]);
        Assert.Equal((0, expected, ""), (result.Status, result.Output.Split('\t', '\n')[0], result.Error));
    }

    [Fact]
    public void Zsh_takes_its_script()
    {
        scratch.Write("_lilyvm", Topic("zsh"));
        Assert.Equal(new Command.Result(0, "", ""), Command.Run("zsh", ["-f", "-n", scratch["_lilyvm"]]));
    }

    [Fact]
    public void The_manual_page_is_proper_roff_and_names_everything()
    {
        string page = Topic("man");
        scratch.Write("lilyvm.1", page);
        Assert.Equal(new Command.Result(0, "", ""), Command.Run("groff", ["-man", "-ww", "-z", scratch["lilyvm.1"]]));
        foreach (CommandNode node in CommandNode.All(LilyVM.Cli.Program.CreateRoot()).Skip(1))
        {
            Assert.Contains($"\n.SS lilyvm {node.Path.Replace("-", "\\-", StringComparison.Ordinal)}", page, StringComparison.Ordinal);
            foreach (Option option in node.Options)
                Assert.Contains(option.Name.Replace("-", "\\-", StringComparison.Ordinal), page, StringComparison.Ordinal);
        }
        foreach (HelpSection section in HelpSections.Of(""))
            Assert.Contains($"\n.SH {section.Title.ToUpperInvariant()}\n", page, StringComparison.Ordinal);
    }

    private static string Topic(string name)
    {
        (int status, string output, string errors) = CommandLineTests.Run("help", name);
        Assert.Equal((0, ""), (status, errors));
        return output;
    }
}
