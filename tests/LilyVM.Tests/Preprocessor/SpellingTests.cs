using LilyVM.Assembler;

namespace LilyVM.Tests.Preprocessor;

/// <summary>
/// No spelling of a sensitive instruction that gas takes passes in silence: it is rewritten, refused, or left alone with a reason.
/// </summary>
public class SpellingTests
{
    [Theory]
    [InlineData(32, false)]
    [InlineData(32, true)]
    [InlineData(64, false)]
    [InlineData(64, true)]
    public void Every_sensitive_spelling_is_rewritten_or_refused(int bits, bool intel)
    {
        var spellings = new Spellings(bits, intel);
        List<(string Text, Iced.Intel.Instruction Instruction)> sensitive = spellings.Sensitive();
        Assert.True(sensitive.Count > 500, $"only {sensitive.Count} spellings found");
        string[] missed = [.. sensitive.Where(s => Passes(spellings.Header + s.Text + "\n", bits))
            .Select(s => $"{s.Text}    ({s.Instruction})")];
        Assert.True(missed.Length == 0, $"{missed.Length} of {sensitive.Count} missed:\n{string.Join('\n', missed)}");
    }

    private static bool Passes(string text, int bits)
    {
        ConversionResult result = Converter.Convert(text, "t.s", new ConversionOptions { Bits = bits });
        return result.Errors.Count == 0 && result.Statistics.RewrittenTotal == 0 && result.Statistics.LeftAlone.Count == 0;
    }
}
