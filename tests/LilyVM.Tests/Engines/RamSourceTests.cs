using System.Globalization;
using System.Text.RegularExpressions;
using LilyVM.Engines.User;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Machine;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Engines;

/// <summary>
/// Guest RAM in pages of 2 MiB: each way to them that this host has, and the machine that it makes; RAM that is not used takes nothing.
/// </summary>
public sealed partial class RamSourceTests(X64GuestBuild build)
{
    private const long Large = 2 << 20, Memory = 4L << 30;
    private const int OrdinaryUser = 65534;
    private static readonly Version CollapsingLinux = new(6, 1);

    public static TheoryData<RamSource> Ways => new(RamFiles.Ways);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_guest_runs_whatever_its_RAM_comes_from(RamSource way)
    {
        var output = new MachineFixture.Printed();
        var options = new MachineOptions
        {
            Kernel = build.Linked("large_pages"),
            MemoryBytes = Memory,
            Console = new MachineConsole(output),
            Engine = EngineKind.User,
            RamSource = way,
        };
        using var machine = new VirtualMachine(options);
        Assert.Contains(machine.RamSource, (RamSource[])[way, RamSource.SmallPages]);
        MachineResult result = await machine.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal((MachineEnd.TestExit, null), (result.End, result.Message));
        Assert.EndsWith("\nOK\n", output.ToString().Replace("\r", "", StringComparison.Ordinal), StringComparison.Ordinal);
        ulong Count(string name) => machine.ReadCounters().Single(c => c.Name == name).Value;
        Assert.Equal(machine.RamSource == RamSource.SmallPages ? 0u : 1, Count("ram-in-large-pages"));
        Assert.InRange(Count("ram-mebibytes-taken"), 0u, 64u); // of 4 GiB
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public unsafe void Pages_are_as_large_as_they_are_said_to_be(RamSource way)
    {
        using var files = RamFiles.Open([way]);
        using var file = new MemoryFile("lilyvm-test", Large, files);
        files.Ask(file, isSmall: true);
        file.Start[0] = 1;
        Assert.Equal(0, (nint)file.Start % Large);
        Assert.Contains(files.Source, (RamSource[])[way, RamSource.SmallPages]);
        Assert.Equal(files.Source == RamSource.SmallPages ? 0 : Large, MappedInLargePages((nint)file.Start));
        Assert.Equal(files.Source == RamSource.SmallPages ? 0x1000 : Large, file.TakenBytes());
    }

    // Root may mount; an ordinary user may not, but has a user namespace, or lets the host put pages together.
    [Fact]
    public void An_ordinary_user_has_large_pages_too()
    {
        Assert.SkipWhen(HostPages.MemoryFilePolicy() == HostPages.Denied, "this host gives memory files no large pages");
        Assert.SkipUnless(Environment.OSVersion.Version >= CollapsingLinux, "this host may have neither user namespaces nor MADV_COLLAPSE");
        string user = OrdinaryUser.ToString(CultureInfo.InvariantCulture);
        string[] run = [.. Lilyvm.CommandLine("run", "--kernel", build.Linked("large_pages"), "--memory", "4G", "--counters")];
        string[] asUser = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", .. run] : run;
        string folder = Path.GetDirectoryName(Path.GetDirectoryName(build.Linked("large_pages")))!;
        Assert.Equal(0, Command.Run("chmod", ["a+rx", folder]).Status);
        Command.Result readable = Command.Run(asUser[0], [.. asUser[1..^run.Length], "test", "-r", run[1]]);
        Assert.SkipUnless(readable.Status == 0, "an ordinary user cannot read the program to test");
        Command.Result result = Command.Run(asUser[0], asUser[1..]);
        Assert.True(result.Status == 0, result.Output + result.Error);
        Assert.Matches(@"(?m)^ram-in-large-pages +1$", result.Error);
    }

    [Theory]
    [InlineData("always within_size advise [never] deny force\n", "never")]
    [InlineData("[always] within_size advise never deny force\n", "always")]
    [InlineData("", null)]
    [InlineData("]always[", null)]
    public void The_hosts_policy_is_the_word_in_brackets(string text, string? word) => Assert.Equal(word, HostPages.Chosen(text));

    [Fact]
    public void Each_source_has_a_sentence() =>
        Assert.Equal(RamFiles.Ways.Count, RamFiles.Ways.Select(RamSources.Describe).Distinct(StringComparer.Ordinal).Count());

    // ShmemPmdMapped of the mapping at an address (proc_pid_smaps(5)), in bytes.
    private static long MappedInLargePages(nint address)
    {
        bool isIts = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (Start().Match(line) is { Success: true } start)
                isIts = nint.Parse(start.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) == address;
            else if (isIts && Mapped().Match(line) is { Success: true } mapped)
                return long.Parse(mapped.Groups[1].Value, CultureInfo.InvariantCulture) << 10;
        }
        throw new InvalidOperationException("Nothing is mapped there.");
    }

    [GeneratedRegex("^([0-9a-f]+)-[0-9a-f]+ ")]
    private static partial Regex Start();

    [GeneratedRegex("^ShmemPmdMapped: +([0-9]+) kB$")]
    private static partial Regex Mapped();
}
