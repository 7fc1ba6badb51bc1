using System.Globalization;
using System.Text;

namespace LilyVM.Cli.Guests;

/// <summary>
/// All edits of a recipe. Text between them is comment. An edit is
/// <code>
/// @@ the file
/// ## the reason
/// &lt;&lt;
/// lines to find
/// ==
/// lines to put there
/// &gt;&gt;
/// </code>
/// </summary>
internal static class KernelEdits
{
    private const string FileMark = "@@ ", ReasonMark = "## ", FindMark = "<<", ReplaceMark = "==", EndMark = ">>";

    /// <summary>Reads them in order; a recipe without the file has none.</summary>
    internal static IReadOnlyList<KernelEdit> Load(string path) => File.Exists(path) ? Parse(File.ReadAllLines(path), path) : [];

    /// <summary>Reads the lines of a file of edits.</summary>
    internal static IReadOnlyList<KernelEdit> Parse(IReadOnlyList<string> lines, string name)
    {
        var edits = new List<KernelEdit>();
        for (int at = 0; at < lines.Count; at++)
        {
            if (!lines[at].StartsWith(FileMark, StringComparison.Ordinal))
                continue;
            string place = string.Create(CultureInfo.InvariantCulture, $"{name}:{at + 1}");
            string file = lines[at][FileMark.Length..].Trim();
            string reason = Next(lines, ref at, ReasonMark, place)[ReasonMark.Length..].Trim();
            Next(lines, ref at, FindMark, place);
            string find = Until(lines, ref at, ReplaceMark, place), replacement = Until(lines, ref at, EndMark, place);
            if (find.Length == 0)
                throw new LilyVMException($"{place}: this edit looks for nothing; give the lines between << and ==.");
            edits.Add(new KernelEdit(place, file, reason, find, replacement));
        }
        return edits;
    }

    /// <summary>Edits a source tree. Nothing of it is used if one of them does not apply.</summary>
    internal static void Apply(IEnumerable<KernelEdit> edits, string tree)
    {
        foreach (IGrouping<string, KernelEdit> file in edits.GroupBy(e => e.File))
        {
            string path = Path.Combine(tree, file.Key);
            if (!File.Exists(path))
                throw new LilyVMException(
                    $"{file.First().Place}: {file.Key} is not in this kernel's source; the recipe is for another version of it.");
            File.WriteAllText(path, file.Aggregate(File.ReadAllText(path, Encoding.Latin1), (text, edit) => edit.Apply(text)),
                Encoding.Latin1);
        }
    }

    /// <summary>The table of them for the recipe's page.</summary>
    internal static string Markdown(IEnumerable<KernelEdit> edits)
    {
        var table = new StringBuilder("| | file | lines | why |\n| --- | --- | --- | --- |\n");
        foreach ((int index, KernelEdit edit) in edits.Index())
            table.Append(CultureInfo.InvariantCulture,
                $"| {index + 1} | {edit.File} | +{Lines(edit.Replacement)} -{Lines(edit.Find)} | {edit.Reason} |\n");
        return table.ToString();
    }

    private static int Lines(string text) => text.Count(c => c == '\n');

    private static string Next(IReadOnlyList<string> lines, ref int at, string mark, string place)
    {
        if (++at < lines.Count && lines[at].StartsWith(mark, StringComparison.Ordinal))
            return lines[at];
        throw new LilyVMException(
            $"{place}: this edit lacks its line '{mark.Trim()}'; an edit is a file, a reason, lines to find and lines to put there.");
    }

    private static string Until(IReadOnlyList<string> lines, ref int at, string mark, string place)
    {
        var text = new StringBuilder();
        while (++at < lines.Count)
        {
            if (lines[at] == mark)
                return text.ToString();
            text.Append(lines[at]).Append('\n');
        }
        throw new LilyVMException(
            $"{place}: this edit lacks its line '{mark}'; an edit is a file, a reason, lines to find and lines to put there.");
    }
}
