using System.Text.RegularExpressions;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Machine;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Engines;

/// <summary>
/// QEMU is the oracle: each small guest, converted, must print on the user engine what it prints there unconverted, and end with the same
/// status.
/// </summary>
public sealed class UserEngineGuestTests(GuestBuild build)
{
    private const long MemoryBytes = 64 << 20;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20); // a healthy guest takes less than one

    public static TheoryData<string> Guests => new(GuestDifferences.Comparable);

    [DirectTheory]
    [MemberData(nameof(Guests))]
    public async Task A_converted_guest_prints_what_the_original_prints_on_QEMU(string guest)
    {
        Task<Command.Result> onQemu = Task.Run(() => GuestMachine.Run(build.Plain(guest)), TestContext.Current.CancellationToken);
        (MachineResult result, string printed) = await Run(build.ForEngine(guest));
        Command.Result oracle = await onQemu;
        Assert.True(oracle.Status == GuestMachine.Success, $"QEMU ended with status {oracle.Status}:\n{oracle.Output}{oracle.Error}");
        Assert.Equal(GuestDifferences.Compared(guest, oracle.Output), GuestDifferences.Compared(guest, printed));
        Assert.Equal((MachineEnd.TestExit, null), (result.End, result.Message));
        Assert.Equal(oracle.Status, result.ExitStatus * 2 + 1); // what isa-debug-exit makes of it
    }

    [DirectFact]
    public async Task Each_difference_that_is_allowed_for_is_one()
    {
        foreach ((string guest, (Regex notCompared, string because)) in GuestDifferences.All)
        {
            (_, string printed) = await Run(build.ForEngine(guest));
            Command.Result oracle = GuestMachine.Run(build.Plain(guest));
            Assert.True(oracle.Output != printed && notCompared.IsMatch(oracle.Output), $"{guest}: no longer true that {because}");
        }
    }

    private static async Task<(MachineResult Result, string Printed)> Run(string kernel)
    {
        var output = new MachineFixture.Printed();
        var options = new MachineOptions
        {
            Kernel = kernel,
            MemoryBytes = MemoryBytes,
            Console = new MachineConsole(output),
            Engine = EngineKind.User
        };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeLimit);
        using var machine = new VirtualMachine(options);
        MachineResult result = await machine.RunAsync(limit.Token);
        return (result, output.ToString());
    }
}
