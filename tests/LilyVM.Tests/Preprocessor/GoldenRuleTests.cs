using System.Text;
using LilyVM.Assembler.Rules;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Preprocessor;

/// <summary>
/// Golden/rules.txt: an instruction for each rule and what it becomes. After a wanted change, run the tests with LILYVM_UPDATE_GOLDEN=1 and read
/// the difference.
/// </summary>
public class GoldenRuleTests
{
    private static string GoldenFile => Path.Combine(Repository.Root, "tests/LilyVM.Tests/Preprocessor/Golden/rules.txt");

    [Fact]
    public void Every_rule_gives_its_golden_text()
    {
        var actual = new StringBuilder();
        foreach ((RewriteRule rule, string text) in RuleSamples.All())
        {
            string converted = rule.Pattern.Contains("arg", StringComparison.Ordinal)
                ? Gas.Convert($".macro m reg\n{text}\n.endm\n").Split('\n')[1]
                : Gas.Convert(text + "\n").TrimEnd();
            Assert.StartsWith(rule.Entry is "cli" ? ".Llily_1:" : "call lily_", converted, StringComparison.Ordinal);
            actual.Append(text).Append("  ->  ").Append(converted).Append('\n');
        }
        if (Environment.GetEnvironmentVariable("LILYVM_UPDATE_GOLDEN") == "1")
            File.WriteAllText(GoldenFile, actual.ToString());
        Assert.Equal(File.ReadAllText(GoldenFile), actual.ToString());
    }

    [Fact]
    public void The_reference_page_is_the_one_the_tables_give()
    {
        string page = Path.Combine(Repository.Root, "docs/rewrites.md");
        if (Environment.GetEnvironmentVariable("LILYVM_UPDATE_GOLDEN") == "1")
            File.WriteAllText(page, RuleReference.Markdown());
        Assert.Equal(File.ReadAllText(page), RuleReference.Markdown());
    }
}
