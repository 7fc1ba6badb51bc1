using LilyVM.Assembler.Statistics;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Preprocessor;

/// <summary>lily-as as its users meet it: the built program in the place of <c>as</c>.</summary>
public sealed class DriverTests : ScratchTest
{
    private Command.Result LilyAs(string[] arguments, string? input = null, Dictionary<string, string>? environment = null) =>
        Command.Run(Repository.LilyAs, arguments, input, environment, Scratch.Path);

    private string Write(string name, string text)
    {
        Scratch.Write(name, text);
        return name;
    }

    [Fact]
    public void A_file_and_standard_input_give_the_same_object_code()
    {
        const string Text = "foo:\tcli\n\tmov %cr3,%eax\n\tret\n";
        Assert.Equal(0, LilyAs(["--32", "-o", "a.o", Write("a.s", Text)]).Status);
        Assert.Equal(0, LilyAs(["--32", "-o", "b.o"], Text).Status);
        Assert.Equal(0, LilyAs(["--32", "-o", "c.o", "-"], Text).Status);
        string a = Command.Run("objdump", ["-d", "a.o"], directory: Scratch.Path).Output;
        Assert.Contains("call", a, StringComparison.Ordinal);
        Assert.Equal(a.Replace("a.o", "b.o", StringComparison.Ordinal),
            Command.Run("objdump", ["-d", "b.o"], directory: Scratch.Path).Output);
        Assert.Equal(File.ReadAllBytes(Scratch["b.o"]), File.ReadAllBytes(Scratch["c.o"]));
    }

    [Fact]
    public void Gcc_finds_it_and_a_text_without_sensitive_instructions_gives_the_same_object()
    {
        Write("x.c", "int f(int a) { return a * 3; }\n");
        Assert.Equal(0, Command.Run("gcc", ["-m32", "-O2", "-B" + Path.GetDirectoryName(Repository.LilyAs), "-c", "x.c", "-o", "lily.o"],
            directory: Scratch.Path).Status);
        Assert.Equal(0, Command.Run("gcc", ["-m32", "-O2", "-c", "x.c", "-o", "plain.o"], directory: Scratch.Path).Status);
        Assert.Equal(File.ReadAllBytes(Scratch["plain.o"]), File.ReadAllBytes(Scratch["lily.o"]));
    }

    [Fact]
    public void Errors_of_gas_keep_their_file_line_and_status()
    {
        Command.Result result = LilyAs(["--32", "-o", "a.o", Write("bad.s", "\tnop\n\tcli\n\t.nosuch 5\n")]);
        Command.Result gas = Command.Run("as", ["--32", "-o", "a.o", "bad.s"], directory: Scratch.Path);
        Assert.Equal(gas.Status, result.Status);
        Assert.Contains("bad.s:3: Error: unknown pseudo-op: `.nosuch'", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("iretw\n", "t.s:1: Error: unsupported form of a sensitive instruction: `iretw'\n")]
    [InlineData("a\0b", "t.s:1: Error: the input is not assembly text (NUL byte at offset 1)\n")]
    public void Our_errors_are_one_line_and_leave_no_object(string text, string expected)
    {
        Command.Result result = LilyAs(["--32", "-o", "t.o", Write("t.s", text)]);
        Assert.Equal((1, expected), (result.Status, result.Error));
        Assert.False(File.Exists(Scratch["t.o"]));
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("nosuchfile.s")]
    [InlineData("--nosuchoption")]
    public void What_gas_would_say_it_says(string argument)
    {
        Command.Result gas = Command.Run("as", [argument], directory: Scratch.Path);
        Command.Result ours = LilyAs([argument]);
        Assert.Equal((gas.Status, gas.Output), (ours.Status, ours.Output));
    }

    [Fact]
    public void Statistics_are_appended_and_printed()
    {
        string file = Scratch["stats"];
        var environment = new Dictionary<string, string> { ["LILYVM_STATS"] = file };
        LilyAs(["--32", "-o", "a.o", Write("a.s", "cli\nhlt\nrdtsc\n")], null, environment);
        Command.Result table = LilyAs(["--32", "--stats", "-o", "b.o", Write("b.s", "cli\n")], null, environment);
        Assert.Contains("1  rewritten, 1 of them inline, in 1 lines", table.Error, StringComparison.Ordinal);
        var total = new ConversionStatistics();
        foreach (string line in File.ReadAllLines(file))
            total.Add(ConversionStatistics.FromJson(line));
        Assert.Equal((2, 1, 2), (total.Rewritten["cli"], total.Rewritten["hlt"], total.Inline));
        Assert.Equal(["a.o", "b.o"], File.ReadAllLines(file).Select(line => ConversionStatistics.FromJson(line).File));
        Assert.Equal("rdtsc", Assert.Single(total.LeftAlone).Key.Mnemonic);
    }

    [Fact]
    public void The_pass_through_list_and_the_twin_leave_text_unconverted()
    {
        Write("list", "boot/*\n");
        Directory.CreateDirectory(Scratch["boot"]);
        Write("a.s", "cli\n");
        var environment = new Dictionary<string, string>
        {
            ["LILYVM_PASS_THROUGH"] = Scratch["list"],
            ["LILYVM_TWIN"] = "1"
        };
        Assert.Equal(0, LilyAs(["--32", "-o", "boot/a.o", "a.s"], null, environment).Status);
        Assert.Equal(0, LilyAs(["--32", "-o", "b.o", "a.s"], null, environment).Status);
        string plain = Command.Run("objdump", ["-d", "boot/a.o"], directory: Scratch.Path).Output;
        Assert.Contains("cli", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("cli", Command.Run("objdump", ["-d", "b.o"], directory: Scratch.Path).Output, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(Scratch["boot/a.o"]), File.ReadAllBytes(Scratch["b.o.plain"]));
    }
}
