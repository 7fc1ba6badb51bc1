namespace LilyVM.Assembler.CommandLine;

/// <summary>
/// The command line of GNU as, understood just far enough to find the inputs among the options. Everything else is handed on as it is, so
/// that every option of gas works, and gas itself complains about wrong ones.
/// </summary>
public sealed class GasArguments
{
    // Options that take the next word as their value when it is not attached (gas/as.c and gas/config/tc-i386.c, getopt tables).
    private static readonly HashSet<string> TakesValue =
    [
        "-I", "-o", "-t", "-Q", "--defsym", "-defsym", "--MD", "-MD", "--debug-prefix-map", "--hash-size", "--listing-lhs-width",
        "--listing-lhs-width2", "--listing-rhs-width", "--listing-cont-lines", "--elf-stt-common", "--march", "--mtune", "--mmnemonic",
        "--msyntax", "--multibyte-handling",
    ];

    private GasArguments(List<string> words) => Words = words;

    /// <summary>All words, response files expanded.</summary>
    public List<string> Words { get; }

    /// <summary>Indices in <see cref="Words"/> of the input files; "-" is standard input. Empty: standard input, not named.</summary>
    public List<int> Inputs { get; } = [];

    /// <summary>Value of <c>-o</c>; gas's default otherwise.</summary>
    public string Output { get; private set; } = "a.out";

    /// <summary>Index of the word that holds the output name, or -1.</summary>
    public int OutputIndex { get; private set; } = -1;

    /// <summary>Directories of <c>-I</c>, in order.</summary>
    public List<string> IncludeDirectories { get; } = [];

    /// <summary>Code size the assembler starts in.</summary>
    public int Bits { get; private set; } = 64;

    /// <summary>True with <c>-msyntax=intel</c> or <c>-mnaked-reg</c>: registers may stand without a percent sign.</summary>
    public bool NamesRegistersBare { get; private set; }

    /// <summary>True when gas would only print its version or help and read nothing.</summary>
    public bool ReadsNothing { get; private set; }

    /// <summary><c>--stats</c> or <c>--stats=json</c>, ours: null, "table" or "json".</summary>
    public string? StatisticsFormat { get; private set; }

    /// <summary>Parses a command line.</summary>
    public static GasArguments Parse(IReadOnlyList<string> arguments)
    {
        var result = new GasArguments(ResponseFiles.Expand(arguments));
        List<string> words = result.Words;
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            if (word is "--stats" or "--stats=table" or "--stats=json")
            {
                result.StatisticsFormat = word.EndsWith("json", StringComparison.Ordinal) ? "json" : "table";
                words.RemoveAt(i--);
            }
            else if (word == "-" || word.Length == 0 || word[0] != '-')
            {
                result.Inputs.Add(i);
            }
            else if (word == "--")
            {
                for (i++; i < words.Count; i++)
                    result.Inputs.Add(i);
            }
            else if (TakesValue.Contains(word) && i + 1 < words.Count)
            {
                result.Note(word, words[++i], i);
            }
            else
            {
                result.NoteAttached(word, i);
            }
        }
        return result;
    }

    private void NoteAttached(string word, int index)
    {
        switch (word)
        {
            case "--32":
                Bits = 32;
                break;
            case "--64" or "--x32":
                Bits = 64;
                break;
            case "-msyntax=intel" or "--msyntax=intel" or "-mnaked-reg" or "--mnaked-reg":
                NamesRegistersBare = true;
                break;
            case "--version" or "--help" or "--target-help" or "-version":
                ReadsNothing = true;
                break;
            default:
                if (word.StartsWith("-o", StringComparison.Ordinal) || word.StartsWith("-I", StringComparison.Ordinal))
                    Note(word[..2], word[2..], word[1] == 'o' ? -1 : index);
                break;
        }
    }

    private void Note(string option, string value, int index)
    {
        if (option == "-o")
            (Output, OutputIndex) = (value, index);
        else if (option == "-I")
            IncludeDirectories.Add(value);
        else if (option == "--msyntax" && value == "intel")
            NamesRegistersBare = true;
    }
}
