using System.Text.RegularExpressions;
using LilyVM.Tests.Engines;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Lab;

/// <summary>
/// Guests in one boot of the lab, on an engine. Transcripts of small ones are compared with those of the originals on QEMU.
/// </summary>
internal static partial class GuestsInLab
{
    /// <summary>
    /// Starts processes, connects them by pipes, and ends with a status of its own. Two programs at a time, one of which computes with
    /// floating-point numbers: each needs its own FPU state, whenever it is interrupted.
    /// </summary>
    internal const string Load = """
        i=0
        seq 1 1000 >/tmp/right
        while [ $i -lt 10 ]; do
            /bin/true; ls / | cat >/dev/null; i=$((i + 1))
            seq 1 1000 | cat | cmp - /tmp/right
        done
        uname -m
        exit 7
        """;

    // Each guest's transcript and status; a healthy guest takes less than a second, several with KVM, and more on a busy computer.
    private const string RunAll = """
        for guest in *.elf; do
            echo "@@ ${guest%.elf}"
            timeout 60 lilyvm run --engine ENGINE --kernel $guest --memory 64M </dev/null
            echo "@@ $?"
        done
        """;

    /// <summary>The i386 Linux must run a script that starts processes.</summary>
    internal static void AssertLinuxWorks(IEnumerable<string> labOptions, string engine, params string[] bootOptions)
    {
        using var scratch = new ScratchFolder();
        Command.Result result = LabTests.LabWithI386(
            [.. labOptions, "--file", scratch.Write("load.sh", Load), "--", "lilyvm", "boot", "--engine", engine, .. bootOptions,
                "--script", "load.sh"]);
        Assert.True((7, "i686\n") == (result.Status, result.Output.ReplaceLineEndings("\n")),
            $"status {result.Status}\n{result.Output}{result.Error}");
    }

    /// <summary>All of the guests must print the same but for what GuestDifferences names, and end well.</summary>
    internal static void AssertAsOnQemu(GuestBuild build, string engine, IEnumerable<string> guests, params string[] labOptions)
    {
        using var scratch = new ScratchFolder();
        string script = scratch.Write("all.sh", RunAll.Replace("ENGINE", engine, StringComparison.Ordinal));
        Command.Result result = LabTests.Lab(
            [.. labOptions, .. guests.SelectMany(g => new[] { "--file", build.ForEngine(g) }), "--file", script, "--", "sh", "all.sh"]);
        Assert.True(result.Status == 0, result.Output + result.Error);
        Dictionary<string, (string Text, string Status)> printed = Transcripts(result.Output.ReplaceLineEndings("\n"));
        foreach (string guest in guests)
        {
            Command.Result oracle = GuestMachine.Run(build.Plain(guest));
            Assert.Equal(GuestMachine.Success, oracle.Status);
            string expected = GuestDifferences.Compared(guest, oracle.Output),
                actual = GuestDifferences.Compared(guest, printed[guest].Text);
            Assert.True(expected == actual && printed[guest].Status == "0",
                $"{guest}, status {printed[guest].Status}, printed\n{actual}\nand not\n{expected}\n{result.Error}");
        }
    }

    /// <summary>What guests printed, and how they ended, from lines with their name before and their status behind.</summary>
    internal static Dictionary<string, (string Text, string Status)> Transcripts(string output) =>
        Transcript().Matches(output).ToDictionary(
            m => m.Groups[1].Value, m => (m.Groups[2].Value, m.Groups[3].Value), StringComparer.Ordinal);

    [GeneratedRegex("@@ ([a-z_0-9]+)\n(.*?)@@ ([0-9]+)\n", RegexOptions.Singleline)]
    private static partial Regex Transcript();
}
