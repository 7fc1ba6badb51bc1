using System.Text.RegularExpressions;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Lab;

/// <summary>
/// Guests that do what no kernel should (guests/tests/ia32/alone), under the kernel engine and under KVM: each gets its fault or its
/// machine ends with a sentence that blames the guest, and the lab's kernel, which would fail the run, has nothing to say.
/// </summary>
public sealed partial class HostileGuestLabTests(GuestBuild build) : ScratchTest
{
    private const string Crashed =
        "lilyvm: The guest crashed: a fault in its fault handlers (triple fault) at PLACE; its last messages on the console may say why.\n";

    // Both engines answer so to code that is no RAM.
    private const string NoRam =
        "lilyvm: The guest's code at 0x1000000 uses an address that is no RAM or belongs to the VM, in a way that LilyVM does " +
        "not emulate.\n";

    // What each prints after the words that are typed, all streams together, and its status.
    private static readonly (string Guest, string Typed, string Printed, int Status)[] Runs =
    [
        ("typist", "abf", "ready\nab" + Crashed, 125),
        ("selectors", "", "ds in the kernel=00000010\nits data=600df00d\nOK\n", 0),
        .. from seed in (string[])["deadbeef", "12345678"] select ("scribbles", seed, "ready\n" + Crashed, 125),
        .. from place in (string[])["e0000000", "ff800000"] select ("jump", "p" + place, "ready\n" + NoRam, 125),
        .. from place in (string[])["c0400000", "ff800000", "ff810000", "fffffffe"]
           from mode in "ku"
           select ("jump", mode + place, "ready\nvector=0000000e\n", 0),
    ];

    // Other ends than that of the user engine: 64-bit code is not within a program's reach here, so it has its fault. The rest is of the
    // guest's making.
    private static readonly string[] Leavers = ["leaves_segments", "crashes_outside"];

    public static TheoryData<string, string[]> Engines => new() { { "kernel", [] }, { "kvm", KvmEngineLabTests.Options } };

    [Theory]
    [MemberData(nameof(Engines))]
    public void Each_gets_its_fault_or_a_sentence_and_the_host_nothing(string engine, string[] options)
    {
        var script = new System.Text.StringBuilder();
        foreach ((string guest, string typed) in Runs.Select(r => (r.Guest, r.Typed)).Concat(Leavers.Select(l => (l, ""))))
            script.Append($"echo '@@ {guest} {typed}'; printf %s '{typed}' | timeout 120 lilyvm run --engine {engine} --memory 64M " +
                $"--kernel {guest}.elf 2>&1; echo \"@@ $?\"\n");
        string[] guests = [.. Runs.Select(r => r.Guest).Concat(Leavers).Distinct()];
        string[] files = [.. guests.SelectMany(g => new[] { "--file", build.ForEngine(g) })];
        Command.Result result = LabTests.Lab([.. options, .. files, "--file", Scratch.Write("all.sh", script.ToString()), "--", "sh",
            "all.sh"]);
        Assert.True(result.Status == 0, result.Output + result.Error);
        Dictionary<string, string> seen = Transcripts().Matches(result.Output.ReplaceLineEndings("\n"))
            .ToDictionary(m => m.Groups[1].Value, m => Place().Replace(m.Groups[2].Value, "PLACE"), StringComparer.Ordinal);
        foreach ((string guest, string typed, string printed, int status) in Runs)
            Assert.Equal($"{guest} {typed}: {printed}@@ {status}", $"{guest} {typed}: {seen[$"{guest} {typed}"]}");
        foreach (string leaver in Leavers)
            Assert.StartsWith("vector=0000000d\n  error=00000030\n", seen[leaver + " "], StringComparison.Ordinal);
    }

    [GeneratedRegex("CS:EIP 0x[0-9a-f]{4}:0x[0-9a-f]{8}, vectors [0-9, ]+, CR2 0x[0-9a-f]{8}")]
    private static partial Regex Place();

    [GeneratedRegex("@@ ([a-z_]+ [0-9a-z]*)\n(.*?@@ [0-9]+)\n", RegexOptions.Singleline)]
    private static partial Regex Transcripts();
}
