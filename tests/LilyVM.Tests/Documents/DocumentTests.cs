using System.Text.RegularExpressions;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Documents;

/// <summary>What documents name is there: files and folders, and in those that lead through the code, names of the code.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] Folders = ["src", "native", "docs", "tests", "guests", "build", "bench", "lab"];

    public static TheoryData<string> Documents => [.. Find("*.md")];

    public static TheoryData<string> Tours => ["ARCHITECTURE.md", "docs/contributing.md"];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Paths_exist(string document)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, document)), folder = Path.GetDirectoryName(document)!;
        IEnumerable<string> named = Paths().Matches(text).Select(m => m.Groups["link"] is { Success: true } link ? link.Value : m.Value);
        Assert.Equal([], named.Where(p => !Exists("", p) && !Exists(folder, p)));
    }

    [Theory]
    [MemberData(nameof(Tours))]
    public void Names_of_code_are_in_the_code(string document)
    {
        string[] patterns = ["*.cs", "*.S", "*.h", "*.c", "*.props", "*.csproj", "*.targets"];
        IEnumerable<string> files = patterns.SelectMany(Find);
        IEnumerable<string> texts = files.Select(f => File.ReadAllText(Path.Combine(Repository.Root, f)));
        HashSet<string> words = [.. texts.SelectMany(t => t.Split([.. t.Distinct().Where(c => !char.IsLetterOrDigit(c) && c != '_')]))];
        words.UnionWith(files.SelectMany(f => f.Split('/'))); // folders are names, too
        string text = File.ReadAllText(Path.Combine(Repository.Root, document));
        Assert.Equal([], Names().Matches(text).Select(m => m.Groups[1].Value).Where(n => n.Split('.').Any(w => !words.Contains(w))));
    }

    /// <summary>Files of the project by a pattern for their names, relative to its root; what was built is not among them.</summary>
    private static IEnumerable<string> Find(string pattern)
    {
        IEnumerable<string> below = Folders.SelectMany(f =>
            Directory.EnumerateFiles(Path.Combine(Repository.Root, f), pattern, SearchOption.AllDirectories));
        return Directory.EnumerateFiles(Repository.Root, pattern).Concat(below).Select(f => Path.GetRelativePath(Repository.Root, f))
            .Order(StringComparer.Ordinal);
    }

    // A path may stand for several: with stars, or as the beginning of their names.
    private static bool Exists(string folder, string path)
    {
        string[] parts = path.TrimEnd('/').Split('/');
        IEnumerable<string> places = [Path.Combine(Repository.Root, folder)];
        for (int i = 0; i < parts.Length; i++)
        {
            string pattern = i == parts.Length - 1 ? parts[i] + "*" : parts[i];
            places = parts[i] == ".."
                ? places.Select(p => Path.GetDirectoryName(p)!)
                : places.Where(Directory.Exists).SelectMany(p => Directory.EnumerateFileSystemEntries(p, pattern));
        }
        return places.Any();
    }

    // Links but those to the network, and what begins with a folder of ours.
    [GeneratedRegex(@"\]\((?<link>[^):#\s]+)(?:#[^)]*)?\)|(?<![\w/.$~{}-])(?:src|native|docs|tests|guests|build|bench|lab)/[\w./*-]*[\w*/]")]
    private static partial Regex Paths();

    [GeneratedRegex(@"`([A-Z][a-z]\w*(?:\.[A-Z]\w+)*)`")]
    private static partial Regex Names();
}
