using System.Text.RegularExpressions;
using LilyVM.Tests.Engines;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Lab;

/// <summary>The kernel engine, in the lab, where its module may be loaded. QEMU is the oracle again.</summary>
public sealed partial class KernelEngineLabTests(GuestBuild build) : IDisposable
{
    // Each guest's transcript and status; a healthy guest takes less than a second.
    private const string RunAll = """
        for guest in *.elf; do
            echo "@@ ${guest%.elf}"
            timeout 30 lilyvm run --engine kernel --kernel $guest --memory 64M </dev/null
            echo "@@ $?"
        done
        """;

    private const string Load = """
        i=0
        while [ $i -lt 10 ]; do /bin/true; ls / | cat >/dev/null; i=$((i + 1)); done
        uname -m
        exit 7
        """;

    private readonly ScratchFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void Converted_guests_print_what_the_originals_print_on_QEMU()
    {
        string[] guests = [.. GuestDifferences.Comparable], files = [.. guests.SelectMany(g => new[] { "--file", build.ForEngine(g) })];
        Command.Result result = LabTests.Lab([.. files, "--file", scratch.Write("all.sh", RunAll), "--", "sh", "all.sh"]);
        Assert.True(result.Status == 0, result.Output + result.Error);
        Dictionary<string, (string Printed, string Status)> printed = Transcripts().Matches(result.Output.ReplaceLineEndings("\n"))
            .ToDictionary(m => m.Groups[1].Value, m => (m.Groups[2].Value, m.Groups[3].Value), StringComparer.Ordinal);
        foreach (string guest in guests)
        {
            Command.Result oracle = GuestMachine.Run(build.Plain(guest));
            Assert.Equal(GuestMachine.Success, oracle.Status);
            string expected = GuestDifferences.Compared(guest, oracle.Output), actual = GuestDifferences.Compared(guest, printed[guest].Printed);
            Assert.True(expected == actual && printed[guest].Status == "0", $"{guest}, status {printed[guest].Status}, printed\n{actual}\nand not\n{expected}");
        }
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("lazy")]
    [InlineData("scan")]
    public void Linux_boots_and_runs_processes_under_each_policy(string mmu)
    {
        string script = scratch.Write("load.sh", Load);
        Command.Result result = LabTests.Lab(
            "--file", script, "--", "lilyvm", "boot", "--engine", "kernel", "--mmu", mmu, "--fpu", mmu == "scan" ? "eager" : "lazy", "--script", "load.sh");
        Assert.Equal((7, "i686\n"), (result.Status, result.Output.ReplaceLineEndings("\n")));
    }

    [GeneratedRegex("@@ ([a-z_0-9]+)\n(.*?)@@ ([0-9]+)\n", RegexOptions.Singleline)]
    private static partial Regex Transcripts();
}
