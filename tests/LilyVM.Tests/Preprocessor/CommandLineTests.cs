using LilyVM.Assembler.CommandLine;

namespace LilyVM.Tests.Preprocessor;

public class CommandLineTests
{
    [Fact]
    public void Inputs_are_found_among_options_that_take_values()
    {
        GasArguments a = GasArguments.Parse(["-I", "inc", "-Iother", "--32", "--defsym", "x=1", "--MD", "deps", "-o", "out/x.o", "in.s",
            "-Qy", "-march=i686", "-"]);
        Assert.Equal(["in.s", "-"], a.Inputs.Select(i => a.Words[i]));
        Assert.Equal("out/x.o", a.Output);
        Assert.Equal(["inc", "other"], a.IncludeDirectories);
        Assert.Equal(32, a.Bits);
    }

    [Theory]
    [InlineData("--64", 64)]
    [InlineData("-g", 64)]
    [InlineData("--32", 32)]
    public void Code_size_is_the_assemblers(string option, int bits) => Assert.Equal(bits, GasArguments.Parse([option, "x.s"]).Bits);

    [Fact]
    public void Our_own_option_is_not_handed_on()
    {
        GasArguments a = GasArguments.Parse(["--stats=json", "x.s"]);
        Assert.Equal("json", a.StatisticsFormat);
        Assert.Equal(["x.s"], a.Words);
    }

    [Fact]
    public void Response_files_are_expanded()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "--32 -o 'a b.o'\n\"c d.s\" e\\ f.s");
        GasArguments a = GasArguments.Parse(["@" + file, "@/nonexistent/file"]);
        File.Delete(file);
        Assert.Equal(["--32", "-o", "a b.o", "c d.s", "e f.s", "@/nonexistent/file"], a.Words);
        Assert.Equal("a b.o", a.Output);
    }

    [Fact]
    public void Includes_are_expanded_with_line_markers()
    {
        string directory = Directory.CreateTempSubdirectory().FullName;
        string included = Path.Combine(directory, "x.inc");
        File.WriteAllText(included, "cli\n");
        string text = Includes.Expand("nop\n.include \"x.inc\"\nhlt\n", "main.s", [directory], File.ReadAllText);
        Directory.Delete(directory, recursive: true);
        Assert.Equal($"nop\n\n# 1 \"{included}\"\ncli\n\n# 2 \"main.s\"\n\nhlt\n", text);
    }

    [Theory]
    [InlineData("arch/x86/boot/header.o", true)]
    [InlineData("./arch/x86/boot/a20.o", true)]
    [InlineData("arch/x86/kernel/head_32.o", false)]
    [InlineData("scripts/x.o", false)]
    public void The_pass_through_list_is_globs_on_the_output(string output, bool expected)
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "# comment\narch/x86/boot/*  # why\n\n");
        bool listed = PassThrough.Contains(file, output);
        File.Delete(file);
        Assert.Equal(expected, listed);
        Assert.False(PassThrough.Contains(null, output));
    }
}
