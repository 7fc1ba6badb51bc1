using System.Text.RegularExpressions;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Machine;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Engines;

/// <summary>
/// QEMU is the oracle: each small guest, converted, must print on the user engine what it prints there unconverted, and end with the same status.
/// </summary>
public sealed partial class UserEngineGuestTests(GuestBuild build)
{
    private const long MemoryBytes = 64 << 20;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20); // a healthy guest takes less than one

    // SYSENTER of a process enters the kernel of its host, whatever is in the guest's registers for it; so CPUID does not offer it (SEP), and the guest would
    // find neither the registers nor the instructions.
    private static readonly string[] NeedMoreThanOffered = ["sysenter"];

    /// <summary>Guests that see a difference, what of their output is therefore not compared, and why it must differ.</summary>
    private static readonly Dictionary<string, (Regex NotCompared, string Because)> Differences = new(StringComparer.Ordinal)
    {
        ["cpuid"] = (ProcessorNames(), "programs see the host's CPUID in any case, so the guest's kernel is told of the host's processor too"),
        ["debug_registers"] = (Breakpoints(), "only the host's kernel can set the real debug registers: the guest's are kept and have no effect"),
        ["machine_status"] = (FpuInstruction(), "only the host's kernel can set the real CR0.TS"),
        ["port_io"] = (PciAnswers(), "the machine has no PCI"),
    };

    public static TheoryData<string> Guests => new(GuestBuild.Names.Except(NeedMoreThanOffered, StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Guests))]
    public async Task A_converted_guest_prints_what_the_original_prints_on_QEMU(string guest)
    {
        Task<Command.Result> onQemu = Task.Run(() => GuestMachine.Run(build.Plain(guest)), TestContext.Current.CancellationToken);
        (MachineResult result, string printed) = await Run(build.ForEngine(guest));
        Command.Result oracle = await onQemu;
        Assert.True(oracle.Status == GuestMachine.Success, $"QEMU ended with status {oracle.Status}:\n{oracle.Output}{oracle.Error}");
        Assert.Equal(Compared(guest, oracle.Output), Compared(guest, printed));
        Assert.Equal((MachineEnd.TestExit, null), (result.End, result.Message));
        Assert.Equal(oracle.Status, result.ExitStatus * 2 + 1); // what isa-debug-exit makes of it
    }

    [Fact]
    public async Task Each_difference_that_is_allowed_for_is_one()
    {
        foreach ((string guest, (Regex notCompared, string because)) in Differences)
        {
            (_, string printed) = await Run(build.ForEngine(guest));
            Command.Result oracle = GuestMachine.Run(build.Plain(guest));
            Assert.True(oracle.Output != printed && notCompared.IsMatch(oracle.Output), $"{guest}: no longer true that {because}");
        }
    }

    private static async Task<(MachineResult Result, string Printed)> Run(string kernel)
    {
        var output = new MachineFixture.Printed();
        var options = new MachineOptions { Kernel = kernel, MemoryBytes = MemoryBytes, Console = new MachineConsole(output), Engine = EngineKind.User };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeLimit);
        using var machine = new VirtualMachine(options);
        MachineResult result = await machine.RunAsync(limit.Token);
        return (result, output.ToString());
    }

    private static string Compared(string guest, string output) =>
        Differences.TryGetValue(guest, out (Regex NotCompared, string Because) difference) ? difference.NotCompared.Replace(output, "") : output;

    [GeneratedRegex("(?m)^(vendor e.x|signature|features)=.*$")]
    private static partial Regex ProcessorNames();

    [GeneratedRegex("(?m)^(breakpoints met|hits)=.*\n")]
    private static partial Regex Breakpoints();

    [GeneratedRegex("(?m)(?<=^fnop with TS: ).*$")]
    private static partial Regex FpuInstruction();

    [GeneratedRegex("(?m)^(PCI .*)=.*$")]
    private static partial Regex PciAnswers();
}
