using System.Text;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Machine;

namespace LilyVM.Tests.Engines;

/// <summary>Small x86-64 guests on the user engine that are told by keys what to do (guests/tests/x64/alone).</summary>
internal static class TypedGuests
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(60); // from the moment a machine is to stop

    /// <summary>A machine, without isolation if nothing else is said, whose guest will find the keys typed.</summary>
    internal static VirtualMachine Make(
        X64GuestBuild build, string guest, string typed, MachineFixture.Printed output, IsolationLevel isolation = IsolationLevel.None)
    {
        var console = new MachineConsole(output);
        console.Type(Encoding.ASCII.GetBytes(typed));
        return new VirtualMachine(new MachineOptions
        {
            Kernel = build.Linked(guest),
            MemoryBytes = 64 << 20,
            Console = console,
            Engine = EngineKind.User,
            Isolation = isolation,
        });
    }

    /// <summary>Runs one, for so long at most, which must end soon then, and what it printed.</summary>
    internal static async Task<(MachineResult Result, string Printed)> Run(
        X64GuestBuild build, string guest, string typed, TimeSpan time, IsolationLevel isolation = IsolationLevel.None)
    {
        var output = new MachineFixture.Printed();
        // builds the guest the first time, which is not the machine's time
        using VirtualMachine machine = Make(build, guest, typed, output, isolation);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(time);
        MachineResult result = await machine.RunAsync(limit.Token).WaitAsync(time + EndLimit, TestContext.Current.CancellationToken);
        return (result, output.ToString());
    }

    /// <summary>A machine that failed says why, in one sentence.</summary>
    internal static void RequireSentence(MachineResult result, string what)
    {
        bool isSaid = result.Message is { Length: > 0 } said && said.EndsWith('.') && !said.Contains('\n', StringComparison.Ordinal);
        Assert.True(isSaid || result.End != MachineEnd.Failure, $"{what}: {result.End}, {result.Message}");
    }
}
