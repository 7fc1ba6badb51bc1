using System.Text;
using LilyVM.Assembler.Rules;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Preprocessor;

/// <summary>
/// Golden/rules.txt and rules-x64.txt: an instruction for each rule and what it becomes. After a wanted change, run the tests with
/// LILYVM_UPDATE_GOLDEN=1 and read the difference.
/// </summary>
public class GoldenRuleTests
{
    [Theory]
    [InlineData(32, "rules.txt")]
    [InlineData(64, "rules-x64.txt")]
    public void Every_rule_gives_its_golden_text(int bits, string file)
    {
        string goldenFile = Path.Combine(Repository.Root, "tests/LilyVM.Tests/Preprocessor/Golden", file);
        var actual = new StringBuilder();
        foreach ((RewriteRule rule, string text) in RuleSamples.All(RuleSet.For(bits)))
        {
            string converted = rule.Pattern.Contains("arg", StringComparison.Ordinal)
                ? Gas.Convert($".macro m reg\n{text}\n.endm\n", bits).Split('\n')[1]
                : Gas.Convert(text + "\n", bits).TrimEnd();
            string start = converted.StartsWith(".Llily_", StringComparison.Ordinal)
                ? ".Llily_"
                : rule.Entry is "iret" or "sysret" or "sysretl" && bits == 64 ? "movq $.+5," : "call lily_";
            Assert.StartsWith(start, converted, StringComparison.Ordinal);
            actual.Append(text).Append("  ->  ").Append(converted).Append('\n');
        }
        if (Environment.GetEnvironmentVariable("LILYVM_UPDATE_GOLDEN") == "1")
            File.WriteAllText(goldenFile, actual.ToString());
        Assert.Equal(File.ReadAllText(goldenFile), actual.ToString());
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
