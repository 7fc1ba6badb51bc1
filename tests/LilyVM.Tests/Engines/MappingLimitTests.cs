using System.Globalization;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Machine;

namespace LilyVM.Tests.Engines;

/// <summary>
/// A guest that wants more mappings than the host gives a process hurts only itself: a stub gives its own back and goes on.
/// </summary>
public sealed class MappingLimitTests(X64GuestBuild build)
{
    private const string Setting = "/proc/sys/vm/max_map_count";
    private const int Wanted = 160 * 512; // of the guest
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60); // it takes a few

    [Fact]
    public async Task A_stub_without_room_for_a_mapping_more_goes_on()
    {
        int most = int.Parse(File.ReadAllText(Setting), CultureInfo.InvariantCulture);
        Assert.SkipWhen(most >= Wanted, $"this host gives {most} mappings ({Setting}), more than the guest wants");
        var output = new MachineFixture.Printed();
        var options = new MachineOptions
        {
            Kernel = build.Linked("many_mappings"),
            MemoryBytes = 64 << 20,
            Console = new MachineConsole(output),
            Engine = EngineKind.User,
        };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        using var machine = new VirtualMachine(options);
        MachineResult result = await machine.RunAsync(limit.Token);
        Assert.Equal((MachineEnd.TestExit, null), (result.End, result.Message));
        Assert.EndsWith("\nOK\n", output.ToString().Replace("\r", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.NotEqual(0u, machine.ReadCounters().Single(c => c.Name == "drops").Value);
    }
}
