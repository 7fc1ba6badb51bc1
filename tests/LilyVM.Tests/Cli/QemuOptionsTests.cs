using System.Text.RegularExpressions;
using LilyVM.Cli.Commands;
using LilyVM.Cli.Words;
using LilyVM.Tests.Support;
using Command = System.CommandLine.Command;

namespace LilyVM.Tests.Cli;

/// <summary>QEMU's options: each is done, harmless or refused by name; none is taken for something else.</summary>
public sealed partial class QemuOptionsTests
{
    [Theory]
    [InlineData("-hda a -hdb b", "--drive=file=a --drive=file=b")]
    // Hda is the first, whatever the order.
    [InlineData("-hdd d -drive c -hda a,b -hdb b", "--drive=file=a,,b --drive=file=b --drive=file=d --drive=c")]
    [InlineData("--hda a --nographic --m 1G", "--drive=file=a --memory=1G")]
    [InlineData("-m size=1G", "--memory=1G")]
    [InlineData("-smp 1 -smp cpus=1", "")]
    [InlineData("-serial none", "--console=none")]
    [InlineData("-serial mon:stdio -display none -no-reboot -nodefaults", "--console=mon:stdio")]
    [InlineData("-cpu max", "--cpu=host")]
    [InlineData("-cpu host,-cx8", "--cpu=host,-cx8")]
    [InlineData("-accel kvm", "--engine=kvm")]
    [InlineData("-enable-kvm", "--engine=kvm")]
    [InlineData("-nic none -net none -net nic -net nic,model=virtio", "")]
    [InlineData("-nic user,model=virtio-net-pci,hostfwd=tcp::2222-:22", "--net=user,model=virtio-net-pci,hostfwd=tcp::2222-:22")]
    [InlineData("-netdev user,id=n -device virtio-net-device,netdev=n -device driver=virtio-net-pci,netdev=n", "--net=user,id=n")]
    [InlineData("-append -- -kernel k", "--append=-- --kernel=k")]
    [InlineData("--append -x -snapshot", "--append -x --snapshot")]
    [InlineData("--append=-hda -snapshot -- -hda", "--append=-hda --snapshot -- -hda")]
    [InlineData("--kernel k -nographic --counters -snapshot", "--kernel k --counters --snapshot")]
    public void Options_are_put_into_our_words(string given, string ours) =>
        Assert.Equal($"run {ours}".TrimEnd(), string.Join(' ', Translate(given)));

    [Theory]
    [InlineData("-hda", "-hda has no value; write -hda FILE.")]
    [InlineData("-kernel -hda x", "-kernel has no value; write -kernel FILE.")]
    [InlineData("-m --snapshot", "-m has no value; write -m SIZE.")]
    [InlineData("-m 1G -m 2G", "-m is given twice; give it once.")]
    [InlineData("-hda a -hda b", "-hda is given twice; give it once.")]
    [InlineData("-smp 2", "QEMU's -smp 2 is refused: a machine has one processor; leave it out.")]
    [InlineData("-smp cpus=2", "QEMU's -smp 2 is refused: a machine has one processor; leave it out.")]
    [InlineData("-netdev", "-netdev has no value; write -netdev SETTINGS.")]
    [InlineData("-nic user -nic user", "-nic is given twice; give it once.")]
    public void Others_are_refused_with_a_sentence(string given, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<UsageException>(() => Translate(given)).Message);

    [Theory]
    [InlineData("e1000,netdev=n")]
    [InlineData("virtio-net-pci,netdev=n,mac=2:0:0:0:0:1")] // that would be lost
    public void A_card_that_there_is_not_is_refused(string device) => Assert.StartsWith(
        $"QEMU's -device {device} is refused: devices are not put together by options",
        Assert.Throws<UsageException>(() => Translate("-device " + device)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_empty_value_is_none()
    {
        Command run = RunCommand.Create();
        Assert.Equal("-hda has no value; write -hda FILE.",
            Assert.Throws<UsageException>(() => new QemuWords(run).Translate(["run", "-hda", ""])).Message);
        // From a variable that is empty.
        Assert.Equal(["run", "--snapshot"], new QemuWords(run).Translate(["run", "-append", "", "-snapshot"]));
        Assert.Equal(["run", "--append", "", "--snapshot"], new QemuWords(run).Translate(["run", "--append=", "--snapshot"]));
    }

    [Fact]
    public void Help_and_version_are_QEMU_s_too()
    {
        Assert.Equal(["run", "--help"], Translate("-kernel x -help"));
        Assert.Equal(["--version"], Translate("-version"));
    }

    public static TheoryData<string, string> Refused =>
        [.. QemuOptions.All.Where(o => o.Verdict == QemuVerdict.Refused).Select(o => (o.Name, o.Values))];

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_refused_is_named(string name, string values)
    {
        string[] value = values.Length == 0 ? [] : [values.ToLowerInvariant()];
        foreach (string command in (string[])["boot", "run"])
        {
            (int status, string output, string errors) = CommandLineTests.Run([command, name, .. value]);
            Assert.Equal((2, ""), (status, output));
            Assert.Matches($@"^lilyvm: QEMU's {name}( \S+)? is refused: [^\n]+\.\n$", errors);
        }
    }

    public static TheoryData<string, string> Understood =>
        [.. QemuOptions.All.Where(o => o.Verdict != QemuVerdict.Refused).Select(o => (o.Name, o.Values))];

    [Theory]
    [MemberData(nameof(Understood))]
    public void What_is_understood_leads_on(string name, string values)
    {
        string[] value = values.Length == 0 ? [] : [values.Split('|')[0]];
        Command run = RunCommand.Create();
        Assert.Empty(run.Parse(new QemuWords(run).Translate(["run", name, .. value]).Skip(1).ToList()).Errors);
    }

    // The emulator that is installed may be of any version; what it has beyond the table is not passed over, but not understood.
    [Fact]
    public void Every_option_of_the_installed_QEMU_is_done_harmless_or_named()
    {
        List<string> names = [.. QemuHelp().Matches(HelpOf("qemu-system-i386")).SelectMany(m => m.Groups[1].Captures.Select(c => c.Value))
            .Distinct()];
        Assert.True(names.Count > 100, "QEMU's help has another form.");
        HashSet<string> known = [.. QemuOptions.All.Select(o => o.Name)];
        foreach (string name in names.Where(n => !known.Contains(n) && n is not ("-h" or "-help" or "-version")))
        {
            (int status, string output, string errors) = CommandLineTests.Run("run", name, "x");
            Assert.Equal((2, ""), (status, output));
            Assert.StartsWith($"lilyvm: '{name}' is not understood", errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_row_for_any_value_is_the_last_of_its_option()
    {
        foreach (IGrouping<string, QemuOption> option in QemuOptions.All.GroupBy(o => o.Name))
        {
            Assert.True(option.Last() is { TakesValue: false } or { TakesAnything: true }, option.Key);
            Assert.All(option.SkipLast(1), o => Assert.True(o.TakesValue && !o.TakesAnything, option.Key));
            Assert.Single(option.Select(o => o.Key).Distinct());
        }
    }

    [Fact]
    public void The_document_has_the_table()
    {
        string document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "qemu.md"));
        Assert.Equal(string.Join('\n', QemuReference.Lines()), document.Split("```")[1].Trim('\n'));
        Assert.Equal(string.Join('\n', QemuReference.Lines()) + "\n", CommandLineTests.Run("help", "qemu").Output);
    }

    private static IReadOnlyList<string> Translate(string words) =>
        new QemuWords(RunCommand.Create()).Translate(["run", .. words.Split(' ')]);

    private static string HelpOf(string program) => Support.Command.Run(program, ["-help"]).Output;

    [GeneratedRegex(@"^-?(-[a-zA-Z][a-zA-Z0-9_-]*)(?:(?:/| or )(-[a-zA-Z-]+))?", RegexOptions.Multiline)]
    private static partial Regex QemuHelp();
}
