using LilyVM.Abi;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Guests;

/// <summary>docs/abi.md lists exactly the entries of the jump table, with their operands.</summary>
public class AbiDocumentTests
{
    [Fact]
    public void The_list_of_entries_is_that_of_the_code()
    {
        string document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "abi.md"));
        string list = document.Split("## Entries")[1].Split("```")[1];
        IEnumerable<string> documented = list.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).SelectMany(Expand);
        IEnumerable<string> defined = LibraryEntries.All.Select(e => e.Operands.Count == 0 ? e.Name : $"{e.Name}({string.Concat(e.Operands.Select(o => o.ToString()[0]))})");
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
