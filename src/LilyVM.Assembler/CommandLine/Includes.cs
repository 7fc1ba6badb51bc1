using System.Text;
using LilyVM.Assembler.Syntax;

namespace LilyVM.Assembler.CommandLine;

/// <summary>
/// Puts the text of <c>.include</c> files in the place of the directive, with line markers around it: gas would read the file itself,
/// unconverted.
/// </summary>
public static class Includes
{
    private const int DeepestNesting = 32;

    /// <summary>Expands all includes of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">Its file name, for line markers.</param>
    /// <param name="directories">Where to look, after the current directory.</param>
    /// <param name="read">Reads a file as Latin-1.</param>
    /// <exception cref="SyntaxException">Includes nest too deeply.</exception>
    public static string Expand(string text, string name, IReadOnlyList<string> directories, Func<string, string> read) =>
        text.Contains(".include", StringComparison.Ordinal) ? Expand(text, name, directories, read, 0) : text;

    private static string Expand(string text, string name, IReadOnlyList<string> directories, Func<string, string> read, int depth)
    {
        var output = new StringBuilder();
        int copied = 0;
        foreach (Statement statement in StatementReader.Read(text))
        {
            string directive = statement.Text(text).ToString();
            if (statement.Kind != StatementKind.Directive || Instruction.FirstWord(directive) is not ".include")
                continue;
            string file = directive[".include".Length..].Trim().Trim('"');
            string? path = directories.Select(d => Path.Combine(d, file)).Prepend(file).FirstOrDefault(File.Exists);
            if (path is null)
                continue; // gas says so better
            if (depth == DeepestNesting)
                throw new SyntaxException(statement.Line, $".include nests deeper than {DeepestNesting} files");
            output.Append(text, copied, statement.Start - copied).Append($"\n# 1 \"{path}\"\n");
            output.Append(Expand(read(path), path, directories, read, depth + 1)).Append($"\n# {statement.Line} \"{name}\"\n");
            copied = statement.End;
        }
        return output.Append(text, copied, text.Length - copied).ToString();
    }
}
