namespace LilyVM.Tests.Bench;

public class BenchCommandLineTests
{
    [Theory]
    [InlineData("lilyvm: 'more' is not understood; see lilyvm bench --help.", "more")]
    [InlineData("lilyvm: --repetitions takes a number from 1; see lilyvm bench --help.", "--repetitions", "0")]
    [InlineData(
        "lilyvm: --repetitions does not work with --lab, where counts are the same each time; leave one of them out; see lilyvm " +
        "bench --help.",
        "--lab", "--repetitions", "2")]
    [InlineData("lilyvm: --arch takes one of x86_64, i386; see lilyvm bench --help.", "--arch", "arm")]
    [InlineData("lilyvm: --arch does not work with --lab; leave one of them out; see lilyvm bench --help.", "--lab", "--arch", "i386")]
    [InlineData("lilyvm: --report does not work with --lab; leave one of them out; see lilyvm bench --help.", "--lab", "--report", "file")]
    public void A_mistake_is_one_sentence(string sentence, params string[] args)
    {
        using StringWriter output = new(), errors = new();
        Assert.Equal(2, LilyVM.Bench.Program.Run(args, output, errors));
        Assert.Equal(("", sentence + "\n"), (output.ToString(), errors.ToString()));
    }

    [Fact]
    public void Help_names_every_option()
    {
        using StringWriter output = new(), errors = new();
        Assert.Equal(0, LilyVM.Bench.Program.Run(["--help"], output, errors));
        Assert.All((string[])["--lab", "--quick", "--json", "--plots", "--repetitions", "--only", "--arch", "--report", "--fresh"],
            option => Assert.Contains(option, output.ToString(), StringComparison.Ordinal));
    }
}
