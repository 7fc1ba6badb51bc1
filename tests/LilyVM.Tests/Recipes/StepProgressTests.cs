using LilyVM.Cli.Guests;

namespace LilyVM.Tests.Recipes;

public sealed class StepProgressTests : ScratchTest
{
    [Fact]
    public void A_log_shows_that_a_silent_step_goes_on_and_where_it_is()
    {
        Assert.True(LineProgress.LongestSilence < TimeSpan.FromSeconds(20));
        using var told = new StringWriter();
        using var silent = new ManualResetEventSlim();
        TextWriter output = TextWriter.Synchronized(new CountingWriter(told, lines: 5, silent));
        new LineProgress(output) { Silence = TimeSpan.FromMilliseconds(20) }.Run("Baking", 100, report =>
        {
            report(1, "one");
            report(50, "half");
            Assert.True(silent.Wait(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        });
        Assert.Matches(@"^Baking \.\.\.\n(Baking: .*\n)*Baking: 50 of about 100 \(half\)\n" +
            @"(Baking: 50 of about 100 \(half\), \d+ s\n)+Baking: done in \d+ s\n$", told.ToString());
    }

    [Fact]
    public void A_quick_step_is_two_lines()
    {
        using var told = new StringWriter();
        new LineProgress(told).Run("Baking", () => { });
        Assert.Equal("Baking ...\nBaking: done in 0 s\n", told.ToString());
    }

    [Fact]
    public void A_log_that_cannot_be_written_does_not_end_the_tool()
    {
        (int status, string output, _) = new Tool("echo", "coreutils") { Log = "/dev/full" }.TryRun("bread");
        Assert.Equal((0, "bread"), (status, output));
    }

    [Fact]
    public void The_log_keeps_what_a_tool_prints()
    {
        new Tool("echo", "coreutils") { Log = Scratch["log"] }.Run("No bread", "bread");
        Assert.Equal("$ echo bread\nbread\n", File.ReadAllText(Scratch["log"]));
    }

    [Theory]
    [InlineData("tar: x: Cannot write: No space left on device")]
    [InlineData("tar: ./usr/x: Wrote only 6144 of 10240 bytes\ntar: Exiting with failure status due to previous errors")]
    public void A_full_disk_is_told_whatever_else_a_tool_says(string words)
    {
        var error = Assert.Throws<LilyVMException>(() => new Tool("sh", "dash").Run("No bread", "-c", "echo \"$0\" >&2; exit 2", words));
        Assert.StartsWith("No bread: the disk is full; free some space", error.Message, StringComparison.Ordinal);
    }

    private sealed class CountingWriter(StringWriter told, int lines, ManualResetEventSlim reached) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            told.Write(value + "\n");
            if (--lines == 0)
                reached.Set();
        }
    }

    [Fact]
    public void A_title_wider_than_its_terminal_is_told_in_whole()
    {
        using var output = new StringWriter { NewLine = "\n" };
        string title = "Waiting for " + string.Join(' ', Enumerable.Range(100, 15));
        new BarProgress(output, 80).Run(title, () => { });
        Assert.Contains("Waiting for 100 101 102", output.ToString().Replace("\n", " ", StringComparison.Ordinal),
            StringComparison.Ordinal);
        Assert.Contains("Waiting for 100 101 102 1…", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("114", output.ToString(), StringComparison.Ordinal);
    }
}
