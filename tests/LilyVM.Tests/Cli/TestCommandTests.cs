using System.Diagnostics;
using LilyVM.Cli.Commands;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Cli;

public sealed class TestCommandTests : ScratchTest
{
    [Theory]
    [InlineData("", "--filter-not-trait Takes=minutes")]
    [InlineData("Boot Disk", "--filter-method *Boot* --filter-method *Disk* --filter-not-trait Takes=minutes")]
    [InlineData("Boot --filter-trait A=b Disk", "--filter-method *Boot* --filter-trait A=b Disk --filter-not-trait Takes=minutes")]
    [InlineData("--filter-query /a/b", "--filter-query /a/b")]
    [InlineData("--all Boot", "--filter-method *Boot* --explicit on")]
    [InlineData("--all", "--explicit on")]
    public void Words_choose_by_name_and_options_are_the_runners(string given, string forRunner)
    {
        string[] words = given.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        TestArguments arguments = TestArguments.Parse(words, onTerminal: true);
        Assert.Equal(forRunner, string.Join(' ', arguments.ForRunner));
        Assert.Equal(words.Contains("--all"), arguments.WithExperiments);
        Assert.Equal([.. arguments.ForRunner, "--no-progress"], TestArguments.Parse(words, onTerminal: false).ForRunner);
        Assert.Single(TestArguments.Parse([.. words, "--no-progress"], onTerminal: false).ForRunner, "--no-progress");
    }

    [Fact]
    public void Counts_are_read_from_the_runners_report()
    {
        Assert.Null(TestCounts.Read(Scratch["none"]));
        string report = Scratch.Write("report", """
            {"results":{"tests":[{"name":"\"failed\": 7"}],
            "summary":{"tests":10,"passed":7,"failed":1,"pending":0,"skipped":2,"other":0}}}
            """);
        TestCounts counts = TestCounts.Read(report)!;
        Assert.Equal("7 passed, 1 failed, 2 skipped", counts.ToString());
        Assert.Equal("8 passed, 2 failed, 2 skipped", counts.With(passed: true).With(passed: false).ToString());
        foreach (string wrong in (string[])["", "{", "[]", "{}", """{"results":{"summary":{"passed":"x","failed":0,"skipped":0}}}"""])
            Assert.StartsWith("The test runner's report ",
                Assert.Throws<LilyVMException>(() => TestCounts.Read(Scratch.Write("report", wrong))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "7 passed, 1 failed, 2 skipped\n", "ctrf", "{\"results\":{\"summary\":{\"passed\":7,\"failed\":1,\"skipped\":2}}}")]
    [InlineData(2, "0 passed, 1 failed, 0 skipped\n", "ctrf", "")]
    public void The_last_line_counts_and_the_status_is_the_runners(int status, string last, string wanted, string report)
    {
        Command.Result result = RunWith($"""
            while [ "$1" != --report-{wanted}-filename ]; do [ "$1" != --results-directory ] || folder=$2; shift; done
            mkdir -p "$folder"
            [ -z '{report}' ] || echo '{report}' >"$folder/$2"
            exit {status}
            """);
        Assert.Equal((status, last), (result.Status, result.Output));
        Assert.Empty(Directory.EnumerateFiles(Scratch["artifacts/test-results"]));
    }

    [Fact]
    public void Words_and_options_reach_the_runner_as_they_were_given()
    {
        Command.Result result = RunWith("echo \"$*\"", "Boot", "--filter-trait", "A=b", "-x", "c d");
        Assert.Matches(
            @"^\S+/LilyVM\.Tests\.dll --results-directory \S+ --report-ctrf --report-ctrf-filename \S+ --filter-method " +
            @"\*Boot\* --filter-trait A=b -x c d --filter-not-trait Takes=minutes --no-progress\n$",
            result.Output);
        Assert.Equal(0, result.Status); // no report and no failure: it was asked for something else than to run tests
    }

    [Fact]
    public void Tests_that_are_not_built_are_a_sentence()
    {
        Scratch.Write("guests/linux/kernel.config", "");
        Command.Result result = Run();
        Assert.Equal((1, ""), (result.Status, result.Output));
        Assert.EndsWith("LilyVM.Tests.dll is not built; run ./lilyvm test, which builds it.\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_line_of_what_runs_has_the_oldest_tests_with_their_times()
    {
        string id = Guid.NewGuid().ToString();
        long now = Stopwatch.GetTimestamp();
        RunningTests.Begin(id, "Some.Test");
        Assert.Matches(@"^\d+ tests have ended; now: .*TestCommandTests\.The_line_of_what_runs.* \(\d+ s\)",
            RunningTests.Describe(now + (1000 * Stopwatch.Frequency)));
        RunningTests.End(id);
        Assert.DoesNotContain("Some.Test", RunningTests.Describe(now), StringComparison.Ordinal);
    }

    // In a checkout whose tests are a script for `dotnet`.
    private Command.Result RunWith(string script, params string[] arguments)
    {
        Scratch.Write("guests/linux/kernel.config", "");
        Scratch.Write("artifacts/bin/LilyVM.Tests/release/LilyVM.Tests.dll", "");
        Directory.CreateDirectory(Scratch["artifacts/test-results"]);
        Scratch.Write("fakes/dotnet", $"#!/bin/sh\n{script}\n", executable: true);
        return Run(arguments);
    }

    private Command.Result Run(params string[] arguments) => Command.Run(
        Lilyvm.CommandLine()[0],
        [.. Lilyvm.CommandLine(["test", .. arguments]).Skip(1)],
        environment: new Dictionary<string, string>
        {
            ["PATH"] = $"{Scratch["fakes"]}:{Environment.GetEnvironmentVariable("PATH")}",
            ["LILYVM_HOME"] = Scratch.Path
        });
}
