using LilyVM.Abi;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Guests;

/// <summary>docs/abi.md lists exactly the entries of the jump table, with their operands.</summary>
public class AbiDocumentTests
{
    [Theory]
    [InlineData(32, "## Entries\n")]
    [InlineData(64, "### Entries of x86-64\n")]
    public void The_list_of_entries_is_that_of_the_code(int bits, string heading)
    {
        EntryTable table = bits == 64 ? LilyVM.Abi.X64.LibraryEntries.Table : LibraryEntries.Table;
        string document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "abi.md"));
        string list = document.Split(heading)[1].Split("```")[1];
        IEnumerable<string> documented = list.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).SelectMany(Expand);
        IEnumerable<string> defined = table.All.Select(e => e.Operands.Count == 0
            ? e.Name
            : $"{e.Name}({string.Concat(e.Operands.Select(o => o.ToString()[0]))})");
        Assert.Equal(defined.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    // Multiplies out {a,b}, as a shell does.
    private static IEnumerable<string> Expand(string pattern)
    {
        int open = pattern.IndexOf('{', StringComparison.Ordinal);
        if (open < 0)
            return [pattern];
        int close = pattern.IndexOf('}', open);
        return pattern[(open + 1)..close].Split(',').SelectMany(choice => Expand(pattern[..open] + choice + pattern[(close + 1)..]));
    }
}
