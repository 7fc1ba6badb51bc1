using System.Globalization;
using System.Text;
using LilyVM.Assembler;
using LilyVM.Assembler.CommandLine;
using LilyVM.Assembler.Driver;
using LilyVM.Assembler.Statistics;
using LilyVM.Assembler.Syntax;

// lily-as: converts the inputs of an `as` command line and becomes the real assembler. See docs/rewrites.md for what it rewrites.
try
{
    return Driver.Run(args);
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"lily-as: {e.Message}");
    return 1;
}

internal static class Driver
{
    /// <summary>Environment variable: file to which one JSON line of statistics per input is appended.</summary>
    private const string StatisticsVariable = "LILYVM_STATS";

    /// <summary>
    /// Environment variable: when 1, the unconverted input is assembled too, into the output's name with <c>.plain</c> added.
    /// </summary>
    private const string TwinVariable = "LILYVM_TWIN";

    public static int Run(string[] args)
    {
        GasArguments arguments = GasArguments.Parse(args);
        string? assembler = RealAssembler.Find();
        if (assembler is null)
        {
            Console.Error.WriteLine($"lily-as: no assembler found behind this one: install binutils, or name one in " +
                $"{RealAssembler.Variable}.");
            return 1;
        }
        if (!arguments.ReadsNothing && !PassThrough.Contains(Environment.GetEnvironmentVariable(PassThrough.Variable), arguments.Output))
        {
            int status = Convert(arguments, assembler);
            if (status != 0)
                return status;
        }
        RealAssembler.Execute(assembler, arguments.Words);
        Console.Error.WriteLine($"lily-as: cannot run {assembler}.");
        return 1;
    }

    private static int Convert(GasArguments arguments, string assembler)
    {
        var originals = new List<string>(arguments.Words);
        if (arguments.Inputs.Count == 0)
        {
            arguments.Inputs.Add(arguments.Words.Count);
            arguments.Words.Add("-");
            originals.Add("-");
        }
        // By its output: compilers call their assembler with a temporary file.
        var total = new ConversionStatistics { File = arguments.Output };
        foreach (int index in arguments.Inputs)
        {
            string name = arguments.Words[index];
            if (name != "-" && !File.Exists(name))
                continue; // gas reports it, in its own words
            byte[] input = Read(name);
            if (name == "-")
                originals[index] = RealAssembler.AnonymousFile(input);
            ConversionResult? result = Convert(arguments, name == "-" ? "{standard input}" : name, input);
            if (result is null)
                return 1;
            total.Add(result.Statistics);
            arguments.Words[index] = RealAssembler.AnonymousFile(Encoding.Latin1.GetBytes(result.Text));
        }
        if (Environment.GetEnvironmentVariable(TwinVariable) == "1" && arguments.OutputIndex >= 0)
        {
            originals[arguments.OutputIndex] += ".plain";
            int status = RealAssembler.Run(assembler, originals);
            if (status != 0)
                return status;
        }
        Report(total, arguments.StatisticsFormat);
        return 0;
    }

    private static ConversionResult? Convert(GasArguments arguments, string name, byte[] input)
    {
        bool absolute = PassThrough.Contains(Environment.GetEnvironmentVariable(PassThrough.AbsoluteCallsVariable), arguments.Output);
        var options = new ConversionOptions { AbsoluteCalls = absolute, Bits = arguments.Bits,
            NamesRegistersBare = arguments.NamesRegistersBare };
        ConversionResult result;
        try
        {
            string text = Includes.Expand(Encoding.Latin1.GetString(input), name, arguments.IncludeDirectories,
                path => Encoding.Latin1.GetString(Read(path)));
            result = Converter.Convert(text, name, options);
        }
        catch (SyntaxException e)
        {
            result = new ConversionResult("", new ConversionStatistics(), [new Diagnostic(name, e.Line, e.Message)]);
        }
        foreach (Diagnostic error in result.Errors)
            Console.Error.WriteLine(error);
        return result.Errors.Count == 0 ? result : null;
    }

    private static byte[] Read(string name)
    {
        if (name != "-" && new FileInfo(name).Length > 0)
            return File.ReadAllBytes(name);
        // Standard input, or a device such as /dev/null, which has no length.
        using Stream stream = name == "-" ? Console.OpenStandardInput() : File.OpenRead(name);
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return buffer.ToArray();
    }

    private static void Report(ConversionStatistics statistics, string? format)
    {
        if (Environment.GetEnvironmentVariable(StatisticsVariable) is { Length: > 0 } file)
        {
            RealAssembler.Append(file, Encoding.UTF8.GetBytes(statistics.ToJson() + "\n"));
        }
        if (format == "json")
        {
            Console.Error.WriteLine(statistics.ToJson());
        }
        else if (format == "table")
        {
            foreach ((string mnemonic, int count) in statistics.Rewritten)
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,8}  {mnemonic}"));
            foreach (((string mnemonic, string reason), int count) in statistics.LeftAlone)
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,8}  {mnemonic} left alone: {reason}"));
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{statistics.RewrittenTotal,8}  rewritten, {statistics.Inline} of them inline, in {statistics.Lines} lines"));
        }
    }
}
