using LilyVM.Tests.Support;

namespace LilyVM.Tests.Guests;

/// <summary>
/// QEMU is the oracle: each guest must print the same when its sensitive instructions are calls into the native image as when the CPU
/// executes them where they stand.
/// </summary>
public sealed class GuestTests(GuestBuild build)
{
    public static TheoryData<string> Guests => new(GuestBuild.Names);

    [Theory]
    [MemberData(nameof(Guests))]
    public async Task A_converted_guest_prints_what_the_original_prints(string guest)
    {
        Task<Command.Result> original = Task.Run(() => GuestMachine.Run(build.Plain(guest)), TestContext.Current.CancellationToken);
        Command.Result converted = GuestMachine.Run(build.Converted(guest), build.Library);
        RequireSuccess(await original);
        Assert.Equal((await original).Output, converted.Output);
        RequireSuccess(converted);
    }

    [Fact]
    public void A_converted_guest_needs_the_library()
    {
        // So that the comparison above cannot succeed with guests that were never converted. Nothing but UD2: the first call ends in a
        // triple fault.
        string empty = build.Library + ".empty";
        File.WriteAllBytes(empty, [.. Enumerable.Repeat<byte[]>([0x0F, 0x0B], 0x1000).SelectMany(b => b)]);
        Command.Result result = GuestMachine.Run(build.Converted("cpuid"), empty);
        Assert.Equal(0, result.Status); // a reset, not isa-debug-exit
        Assert.Empty(result.Output);
    }

    private static void RequireSuccess(Command.Result result)
    {
        Assert.True(result.Status == GuestMachine.Success, $"QEMU ended with status {result.Status}:\n{result.Output}{result.Error}");
        Assert.EndsWith("\nOK\n", result.Output.Replace("\r", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("UNEXPECTED", result.Output, StringComparison.Ordinal);
    }
}
