using System.Globalization;
using LilyVM.Tests.Engines;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Lab;

/// <summary>
/// x86-64 guests on the user engine in the lab, whose processor has protection keys if it has XSAVE (variant generic): programs are kept
/// from their kernel's pages. The other variants have none.
/// </summary>
public sealed class X64KeysLabTests(X64GuestBuild build) : IDisposable
{
    private const int Megabytes = 64; // more than that of one guest's is not to be had there
    private const int Seconds = 2400; // for hundreds of machines, on a busy computer

    private static readonly string Failed = MachineResult.FailureStatus.ToString(CultureInfo.InvariantCulture);

    private static readonly string[] WithKeys =
        ["--variant", "generic", "--kernel-args", "clearcpuid=smap", "--timeout", $"{Seconds}"];

    // A healthy guest takes a second or two, and more on a busy computer.
    private const string RunAll = """
        lilyvm doctor | tr '\n' ' ' | grep -o 'Protection keys keep programs'
        for guest in *.elf; do
            echo "@@ ${guest%.elf}"
            timeout 300 lilyvm run --engine user --isolation keys --kernel $guest --memory 64M </dev/null
            echo "@@ $?"
        done
        """;

    private const string Trespass = """
        while read -r typed; do
            echo "@@ $typed"
            printf %s "$typed" | timeout 200 lilyvm run --engine user --isolation keys --kernel trespass.elf --memory 64M 2>&1
            echo "@@ $?"
        done <aims
        """;

    private readonly ScratchFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void Programs_fault_on_their_kernels_pages_as_on_QEMU()
    {
        string[] guests = [.. X64UserEngineGuestTests.Comparable.Where(g => X64GuestBuild.Megabytes(g) == Megabytes)];
        Command.Result result = Lab(RunAll, guests.Select(build.Linked));
        Assert.StartsWith("Protection keys keep programs\n", result.Output, StringComparison.Ordinal);
        Dictionary<string, (string Text, string Status)> printed = GuestsInLab.Transcripts(result.Output);
        foreach (string guest in guests)
        {
            Command.Result oracle = X64GuestTests.Boot(build.Plain(guest));
            (string text, string status) = printed[guest];
            string expected = X64UserEngineGuestTests.Compared(guest, oracle.Output);
            string actual = X64UserEngineGuestTests.Compared(guest, text);
            Assert.True(
                expected == actual && status == "0",
                $"{guest}, status {status}, printed\n{actual}\nand not\n{expected}\n{result.Error}");
        }
    }

    [Fact]
    public void A_program_that_reads_or_writes_where_it_should_not_gets_its_page_fault()
    {
        foreach ((string typed, (string text, string status)) in Go(Trespasses.Accesses))
        {
            bool isStopped = text.Contains("\nvector=0000000e\n", StringComparison.Ordinal);
            Assert.True(status == "0" && isStopped, $"{typed}, status {status}:\n{text}");
        }
    }

    // 124 is what timeout makes of a machine that does not end.
    [Fact]
    public void A_program_that_jumps_where_it_should_not_ends_its_machine_at_worst()
    {
        foreach ((string typed, (string text, string status)) in Go(Trespasses.All.Except(Trespasses.Accesses)))
        {
            bool hasSentence = text.Split("lilyvm: ").Length == 2;
            Assert.True(status == "0" || (status == Failed && hasSentence), $"{typed}, status {status}:\n{text}");
        }
    }

    [Fact]
    public void Without_them_keys_are_refused_and_auto_takes_none()
    {
        const string Both = """
            lilyvm run --isolation keys --kernel cpuid.elf; echo $?
            lilyvm run --engine user --memory 64M --kernel cpuid.elf >/dev/null; echo $?
            """;
        string script = scratch.Write("both.sh", Both + "\n");
        Command.Result result = LabTests.Lab("--file", build.Linked("cpuid"), "--file", script, "--", "sh", "both.sh");
        Assert.Equal("1\n0\n", result.Output.ReplaceLineEndings("\n"));
        string errors = result.Error.ReplaceLineEndings("\n");
        Assert.StartsWith(
            "lilyvm: --isolation keys is not to be had, for the host does not save protection keys' state, for want of XSAVE; leave it " +
            "out, ",
            errors,
            StringComparison.Ordinal);
        Assert.Contains("\nlilyvm: Nothing keeps programs of x86-64 guests from their kernel's memory", errors, StringComparison.Ordinal);
    }

    private Dictionary<string, (string Text, string Status)> Go(IEnumerable<string> aims)
    {
        string list = scratch.Write("aims", string.Join('\n', aims) + "\n");
        return GuestsInLab.Transcripts(Lab(Trespass, [build.Linked(Trespasses.Guest), list]).Output);
    }

    private Command.Result Lab(string script, IEnumerable<string> files)
    {
        string[] given = [.. files.Append(scratch.Write("script.sh", script + "\n")).SelectMany(f => new[] { "--file", f })];
        Command.Result result = LabTests.Lab(TimeSpan.FromSeconds(Seconds * 2), [.. WithKeys, .. given, "--", "sh", "script.sh"]);
        Assert.True(result.Status == 0, result.Output + result.Error);
        return result with { Output = result.Output.ReplaceLineEndings("\n") };
    }
}
