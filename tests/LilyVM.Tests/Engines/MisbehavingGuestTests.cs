using System.Globalization;
using System.Text;
using CsCheck;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Machine;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Engines;

/// <summary>
/// Guests that do what no kernel should (guests/tests/ia32/alone). Each gets the fault that it deserves, or its machine ends with a
/// sentence that blames the guest; what happens to the host is the same every time: nothing.
/// </summary>
public sealed class MisbehavingGuestTests(GuestBuild build)
{
    private const long MemoryBytes = 64 << 20;
    private const uint VmArea = 0xFF80_0000, Vcpu = 0xFF81_0000;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20); // a healthy machine takes less than one

    private static readonly uint[] Edges =
        [0, 0xFFFF, 0x3F80_0000, 0x3F81_0000, 0xBFFF_FFFE, 0xC000_0000, 0xC040_0000, VmArea - 1, VmArea, Vcpu, Vcpu + 0x1000, 0xFFFF_FFFE];

    // Addresses that something begins or ends at, and any others; the VM area more often than the rest.
    private static readonly Gen<uint> Target = Gen.OneOf(
        Gen.Int[0, Edges.Length - 1].Select(i => Edges[i]), Gen.UInt[VmArea, VmArea + 0x2_0000], Gen.UInt[VmArea, uint.MaxValue],
        Gen.UInt[0x1000_0000, uint.MaxValue]);

    [DirectFact]
    public void Jumps_to_anywhere_end_in_a_fault_or_in_a_sentence() =>
        Gen.Select(Gen.Int[0, 2].Select(i => "kup"[i]), Target).Sample(
            (from, target) =>
            {
                (MachineResult result, string printed) = Run("jump", string.Create(CultureInfo.InvariantCulture, $"{from}{target:x8}"));
                string outcome = $"{from}{target:x8}: {result.End}, {result.Message}\n{printed}";
                Assert.True(result.End is MachineEnd.TestExit or MachineEnd.TripleFault or MachineEnd.Failure, outcome);
                Assert.DoesNotContain("bug in LilyVM", outcome, StringComparison.Ordinal);
            },
            iter: 40,
            threads: 2);

    [DirectTheory]
    [InlineData("pe0000000")] // nothing is there
    [InlineData("p04000000")] // behind the RAM
    [InlineData("pd0000000")] // a device
    [InlineData("pff800000")] // the physical address, which is not that of the VM area
    public void Code_that_is_no_RAM_ends_the_machine(string typed)
    {
        (MachineResult result, _) = Run("jump", typed);
        Assert.Equal((MachineEnd.Failure, MachineResult.FailureStatus), (result.End, result.ExitStatus));
        Assert.StartsWith("The guest's code at 0x1000000 uses an address that is no RAM", result.Message, StringComparison.Ordinal);
    }

    [DirectTheory]
    [InlineData("leaves_segments",
        "A program of the guest left its segments and made a system call of the host's, for which it was ended.")]
    [InlineData("crashes_outside", "A program of the guest left its segments and crashed at 0x")]
    public void A_program_that_leaves_its_segments_is_ended(string guest, string sentence)
    {
        (MachineResult result, string printed) = Run(guest);
        Assert.Equal((MachineEnd.Failure, MachineResult.FailureStatus, ""), (result.End, result.ExitStatus, printed));
        Assert.StartsWith(sentence, result.Message, StringComparison.Ordinal);
    }

    [DirectFact]
    public void No_selector_that_a_program_loads_reaches_its_kernel()
    {
        (MachineResult result, string printed) = Run("selectors");
        Assert.Equal((MachineEnd.TestExit, 0, "ds in the kernel=00000010\nits data=600df00d\nOK\n"),
            (result.End, result.ExitStatus, printed));
    }

    [DirectFact]
    public void A_triple_fault_is_told()
    {
        (MachineResult result, string printed) = Run("typist", "abf");
        Assert.Equal((MachineEnd.TripleFault, MachineResult.FailureStatus, "ready\nab"), (result.End, result.ExitStatus, printed));
        Assert.StartsWith("The guest crashed: a fault in its fault handlers (triple fault) at CS:EIP 0x0008:0xc01", result.Message,
            StringComparison.Ordinal);
        Assert.Equal([6u, 13, 8, 13], result.TripleFault?.Vectors);
    }

    [DirectFact]
    public void A_driver_that_breaks_the_rules_of_a_queue_is_told_to_reset_the_device()
    {
        (MachineResult result, string printed) = Run("virtqueues");
        Assert.Equal((MachineEnd.TestExit, 0), (result.End, result.ExitStatus));
        string[] refused =
        [
            "a loop", "a next one outside the table", "a head outside the table", "an index far ahead", "a buffer outside RAM",
            "a buffer above 4 GiB",
            "a buffer at the end of all addresses", "a huge length", "readable behind writable", "an indirect table",
            "descriptors above 4 GiB",
            "a ring outside RAM", "an unaligned ring", "a queue of 3", "a queue of 4 billion",
        ];
        IEnumerable<string> expected =
        [
            "as it should be, filled=00000010", .. refused.Select(r => r + ": the device needs a reset"),
            "all ones in every register, filled=00000010",
            "as it should be, filled=00000010", "OK", "",
        ];
        Assert.Equal(expected, printed.Split('\n'));
    }

    private (MachineResult Result, string Printed) Run(string guest, string typed = "")
    {
        var output = new MachineFixture.Printed();
        var console = new MachineConsole(output);
        console.Type(Encoding.ASCII.GetBytes(typed));
        string kernel = build.ForEngine(guest); // builds it the first time, which is not the machine's time
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeLimit);
        var options = new MachineOptions { Kernel = kernel, MemoryBytes = MemoryBytes, Console = console, Engine = EngineKind.User };
        using var machine = new VirtualMachine(options);
        MachineResult result = machine.RunAsync(limit.Token).GetAwaiter().GetResult();
        return (result, output.ToString());
    }
}
