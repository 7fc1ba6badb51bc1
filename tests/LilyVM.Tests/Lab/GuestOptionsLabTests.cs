using System.Text.RegularExpressions;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Lab;

/// <summary>
/// What other kernels than Linux ask of a machine, on both engines in one boot of the lab: modules, fewer features, unknown registers,
/// their ends.
/// </summary>
public sealed partial class GuestOptionsLabTests(GuestBuild build) : ScratchTest
{
    private const string Modules = "one first words,two";

    private static readonly string[] Guests = ["multiboot", "modules_unpaged", "cpuid", "unknown_msrs", "typist"];

    // What is typed, and what is printed then.
    private static readonly (string Name, string Typed, string Printed, int Status)[] Ends =
    [
        ("keyboard", "K", "", 0),
        ("chipset", "C", "", 0),
        ("a20", "A", "", 0),
        ("warm", "WaK", "a", 0), // NetBSD writes to the reset flag at its start
        ("power", "O", "", 0),
        ("halt", "WH", "", 0),
        ("panic", "bN", "blilyvm: The guest's kernel panicked; its last messages on the console say why.\n", 125),
        ("crash", "Wf", "lilyvm: The guest crashed: a fault in its fault handlers (triple fault) at CS:EIP 0x0008:WHERE, vectors 6, 13, " +
            "8, 13, CR2 0x00000000; its last messages on the console may say why.\n", 125),
        ("status", "q", "", 7),
    ];

    // Both engines print each case's streams together, and its status.
    private static readonly (string Case, string Command)[] Cases =
    [
        ("modules", "--kernel multiboot.elf --append 'hello world' --module 'one first words' --module two"),
        ("initrd", $"-kernel multiboot.elf -append 'hello world' -initrd '{Modules}'"),
        ("unpaged", $"-kernel modules_unpaged.elf -initrd '{Modules}'"),
        ("features", "--kernel cpuid.elf --cpu host,-cx8"),
        ("registers", "--kernel unknown_msrs.elf --counters"),
        ("missing", "--kernel multiboot.elf --module /none"),
        ("misspelt", "--kernel multiboot.elf --cpu host,-cx9"),
        .. from end in Ends select (end.Name, "--kernel typist.elf"),
    ];

    [Fact]
    public void Both_engines_give_other_kernels_what_QEMU_gives_and_say_how_they_end()
    {
        string script = Scratch.Write("all.sh",
            string.Concat(((string[])["kernel", "user"]).SelectMany(engine => Cases.Select(c => Run(engine, c.Case, c.Command)))));
        string[] files = [.. Guests.Select(build.ForEngine), Scratch.Write("one", "one word"), Scratch.Write("two", "two words"), script];
        Command.Result result = LabTests.Lab(["--kernel-args", "clearcpuid=smap", .. files.SelectMany(f => new[] { "--file", f }), "--",
            "sh", "all.sh"]);
        Assert.True(result.Status == 0, result.Output + result.Error);
        Dictionary<string, (string Printed, int Status)> seen = Outputs().Matches(result.Output.ReplaceLineEndings("\n"))
            .ToDictionary(m => m.Groups[1].Value, m => (m.Groups[2].Value, int.Parse(m.Groups[3].Value)), StringComparer.Ordinal);
        Assert.Equal(2 * Cases.Length, seen.Count);

        string[] asOnQemu = ["-append", "hello world", "-initrd", $"{Scratch["one"]} first words,{Scratch["two"]}"];
        string multiboot = GuestMachine.Run(build.Plain("multiboot"), null, asOnQemu).Output,
            unpaged = GuestMachine.Run(build.Plain("modules_unpaged"), null, asOnQemu).Output;
        foreach (string engine in (string[])["kernel", "user"])
        {
            Assert.Equal((multiboot, 0), seen[engine + " modules"]);
            Assert.Equal((multiboot, 0), seen[engine + " initrd"]);
            Assert.Equal((unpaged, 0), seen[engine + " unpaged"]);
            Assert.Equal(0u, MultibootGuestTests.FeaturesIn(seen[engine + " features"].Printed) & 1 << 8);
            string counted = seen[engine + " registers"].Printed;
            Assert.Contains("read: vector 0000000d error 00000000, all kept\n", counted, StringComparison.Ordinal);
            Assert.Matches("\nunknown-msrs +3\nunknown-msr-0x12345 +2\nunknown-msr-0xc0000102 +1\n", counted);
            Assert.Equal(("lilyvm: Cannot read the module /none: there is no such file.\n", 1), seen[engine + " missing"]);
            Assert.Equal(("lilyvm: There is no CPU feature 'cx9'; perhaps cx8 is meant.\n", 1), seen[engine + " misspelt"]);
            foreach ((string name, string _, string printed, int status) in Ends)
                Assert.Equal($"{engine} {name}: ready\n{printed}{status}",
                    $"{engine} {name}: {Place().Replace(seen[$"{engine} {name}"].Printed, "WHERE")}{seen[$"{engine} {name}"].Status}");
        }
    }

    private static string Run(string engine, string name, string command)
    {
        string typed = Ends.FirstOrDefault(e => e.Name == name).Typed ?? "";
        return $"echo '@@ {engine} {name}'; printf %s '{typed}' | timeout 120 lilyvm run --engine {engine} --memory 64M {command} 2>&1; " +
            "echo \"@@ $?\"\n";
    }

    [GeneratedRegex("@@ ([a-z]+ [0-9a-z]+)\n(.*?)@@ ([0-9]+)\n", RegexOptions.Singleline)]
    private static partial Regex Outputs();

    [GeneratedRegex("(?<=0x0008:)0xc01[0-9a-f]{5}")]
    private static partial Regex Place();
}
