using System.CommandLine;
using System.Text;
using LilyVM.Assembler;
using LilyVM.Assembler.Rules;
using LilyVM.Cli.Terminal;

namespace LilyVM.Cli.Commands;

/// <summary>lilyvm convert: shows what the preprocessor makes of a file, for people who convert by hand.</summary>
internal static class ConvertCommand
{
    internal static Command Create()
    {
        var file = new Argument<string>("file")
        {
            Description = "Assembly text, AT&T syntax; - is standard input.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var rules = new Option<bool>("--rules") { Description = "Print the table of rewrites as Markdown (docs/rewrites.md) instead." };
        var plain = new Option<bool>("--plain") { Description = "Leave out the comments that hold the original instructions." };
        var command = new Command("convert", "Print the converted text of an assembly file, with the original instructions as comments.")
        {
            file,
            plain,
            rules,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(rules))
            {
                Write(parsed.InvocationConfiguration.Output, RuleReference.Markdown());
                return 0;
            }
            string name = parsed.GetValue(file)
                ?? throw new LilyVMException("Nothing to convert: name an assembly file, or - for standard input.");
            ConversionResult result = Converter.Convert(Read(name), name == "-" ? "{standard input}" : name, new ConversionOptions
            {
                Annotate = !parsed.GetValue(plain),
            });
            foreach (Diagnostic error in result.Errors)
                parsed.InvocationConfiguration.Error.WriteLine(error);
            if (result.Errors.Count > 0)
                return Program.Failure;
            Write(parsed.InvocationConfiguration.Output, result.Text);
            return 0;
        });
        return command;
    }

    // One character per byte, so that text of any encoding comes out as it went in.
    private static string Read(string name)
    {
        if (name != "-")
            return Encoding.Latin1.GetString(UserFile.Read(name));
        using var reader = new StreamReader(new StandardStream(0), Encoding.Latin1);
        return reader.ReadToEnd();
    }

    private static void Write(TextWriter output, string text)
    {
        if (StandardStream.Of(output) is { } stream)
            stream.Write(Encoding.Latin1.GetBytes(text));
        else
            output.Write(text);
    }
}
