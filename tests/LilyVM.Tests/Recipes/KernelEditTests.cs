using LilyVM.Cli.Guests;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Recipes;

public sealed class KernelEditTests : IDisposable
{
    private const string Edits = """
        What stands between edits is comment.

        @@ a/first.c
        ## The answer is another.
        <<
        	int answer = 41;
        ==
        	int answer = 42;
        	int more;
        >>

        @@ a/first.c
        ## Nobody asks.
        <<
        	ask();
        ==
        >>
        """;

    private static readonly string Recipe = Path.Combine(Repository.Root, "guests", "linux", "x64");

    private readonly ScratchFolder scratch = new();

    [Fact]
    public void Edits_replace_whole_lines()
    {
        scratch.Write("a/first.c", "\tint answer = 41;\n\tdo_not_ask();\n\task();\n");
        KernelEdits.Apply(Parse(Edits), scratch.Path);
        Assert.Equal("\tint answer = 42;\n\tint more;\n\tdo_not_ask();\n", File.ReadAllText(scratch["a/first.c"]));
    }

    [Theory]
    [InlineData("\tint answer = 4;\n\task();\n",
        "edits.txt:3: the edit of a/first.c does not apply (The answer is another): its lines are found nowhere")]
    [InlineData("int x;\tint answer = 41;\n\task();\n", "found nowhere")]
    [InlineData("\tint answer = 41;\n\task();\n\tint answer = 41;\n", "found more than once")]
    [InlineData("\tint answer = 41;\n", "edits.txt:12: the edit of a/first.c does not apply (Nobody asks)")]
    public void An_edit_that_does_not_apply_exactly_once_is_named_and_nothing_is_written(string source, string message)
    {
        scratch.Write("a/first.c", source);
        string error = Assert.Throws<LilyVMException>(() => KernelEdits.Apply(Parse(Edits), scratch.Path)).Message;
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Equal(source, File.ReadAllText(scratch["a/first.c"]));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        string error = Assert.Throws<LilyVMException>(() => KernelEdits.Apply(Parse(Edits), scratch.Path)).Message;
        Assert.Contains("a/first.c is not in this kernel's source", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("@@ a\n<<\n==\n>>", "lacks its line '##'")]
    [InlineData("@@ a\n## why\nx\n==\n>>", "lacks its line '<<'")]
    [InlineData("@@ a\n## why\n<<\nx\n", "lacks its line '=='")]
    [InlineData("@@ a\n## why\n<<\nx\n==\ny", "lacks its line '>>'")]
    [InlineData("@@ a\n## why\n<<\n==\ny\n>>", "looks for nothing")]
    [InlineData("@@ a", "lacks its line '##'")]
    public void A_broken_edit_is_named(string text, string message)
    {
        string error = Assert.Throws<LilyVMException>(() => Parse(text)).Message;
        Assert.Contains("edits.txt:1: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_of_the_recipe_has_the_table_of_its_edits()
    {
        string page = Path.Combine(Recipe, "README.md"), text = File.ReadAllText(page);
        const string Begin = "<!-- edits -->\n", End = "<!-- end of edits -->\n";
        int from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, to = text.IndexOf(End, StringComparison.Ordinal);
        string table = KernelEdits.Markdown(KernelEdits.Load(Path.Combine(Recipe, "edits.txt")));
        if (Environment.GetEnvironmentVariable("LILYVM_UPDATE_GOLDEN") == "1")
            File.WriteAllText(page, string.Concat(text.AsSpan(0, from), table, text.AsSpan(to)));
        else
            Assert.Equal(table, text[from..to]);
    }

    [Fact]
    public void Each_edit_of_the_recipe_has_a_reason_in_one_sentence()
    {
        IReadOnlyList<KernelEdit> edits = KernelEdits.Load(Path.Combine(Recipe, "edits.txt"));
        Assert.NotEmpty(edits);
        Assert.All(edits, e => Assert.Matches("^\\S.*[.]$", e.Reason));
    }

    public void Dispose() => scratch.Dispose();

    private static IReadOnlyList<KernelEdit> Parse(string text) => KernelEdits.Parse(text.Split('\n'), "edits.txt");
}
