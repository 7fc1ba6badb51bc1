using System.Globalization;
using CsCheck;
using LilyVM.Tests.Guests;

namespace LilyVM.Tests.Engines;

/// <summary>
/// x86-64 guests that do what no guest should (guests/tests/x64/alone): at worst their own machine ends, by one sentence or when it is told
/// to, and the host has lost nothing.
/// </summary>
public sealed class X64HostileGuestTests(X64GuestBuild build)
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5); // then it is told to end

    // What a stub's filter refuses, one of each kind; the rest differ in numbers (FilterRulesTests).
    private static readonly string[] Tried =
    [
        "RAM over the stub", "RAM across the stub", "RAM that grows", "a private copy of RAM", "the state of the machine",
        "memory of its own", "no stub", "rights of the stub", "advice 4", "arch_prctl 1012", "futex operation 3", "waiting in private",
    ];

    public static TheoryData<string, StubCalls.Row> Refused =>
    [
        .. StubCalls.OfX64.Where(r => Tried.Contains(r.Name)).Select(r => new TheoryDataRow<string, StubCalls.Row>(r.Name, r)),
        .. ((uint[])[0, 2, 41, 56, 59, 62, 101, 425, 0x4000_0009]).Select(
            n => new TheoryDataRow<string, StubCalls.Row>($"call {n}", new("", IsAllowed: false, n, [0, 0, 0, 0, 0, 0]))),
    ];

    // With the stub's own instruction, which the filter believes.
    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_program_that_makes_a_system_call_of_the_host_s_is_ended(string name, StubCalls.Row row)
    {
        (MachineResult result, string printed) = await Run("host_calls", string.Concat(row.Arguments.Prepend(row.Call).Select(Hex)));
        Assert.True(result.End == MachineEnd.Failure, $"{name}: {result.End}\n{printed}");
        Assert.EndsWith("calling\n", printed, StringComparison.Ordinal);
        Assert.EndsWith("made a system call of the host's, for which it was ended.", result.Message, StringComparison.Ordinal);
    }

    // It gets nowhere, and the machine goes on.
    [Fact]
    public async Task A_call_that_stubs_make_too_does_no_harm()
    {
        ulong[] waking = [202, 0x40_0000, 1, 1, 0, 0, 0];
        (MachineResult result, string printed) = await Run("host_calls", string.Concat(waking.Select(Hex)));
        Assert.EndsWith("calling\nresult=00000000\n", printed, StringComparison.Ordinal);
        Assert.Equal(MachineEnd.TestExit, result.End);
    }

    [Fact]
    public void A_kernel_that_does_anything_ends_its_machine_at_worst() =>
        Gen.Select(Gen.Int[0, 4].Select(i => "tmrsa"[i]), Gen.ULong).Sample(
            (what, seed) =>
            {
                (MachineResult result, string printed) = Run("hostile_kernel", $"{Hex(seed | 1)}{what}").GetAwaiter().GetResult();
                TypedGuests.RequireSentence(result, $"{what} {seed | 1:x}\n{printed}");
            },
            iter: 12,
            threads: 2);

    private static string Hex(ulong value) => value.ToString("x16", CultureInfo.InvariantCulture);

    private Task<(MachineResult Result, string Printed)> Run(string guest, string typed) =>
        TypedGuests.Run(build, guest, typed, TimeLimit);
}
