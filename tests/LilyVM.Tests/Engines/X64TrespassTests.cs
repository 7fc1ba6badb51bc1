using System.Diagnostics;
using System.Globalization;
using CsCheck;
using LilyVM.Boot;
using LilyVM.Engines.User;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Machine;
using StubMachine = LilyVM.Hypervisor.Shared.User.Machine;

namespace LilyVM.Tests.Engines;

/// <summary>
/// Programs that go where only their kernel or LilyVM should be (guests/tests/x64/alone). Without isolation they get there; what happens
/// ends at worst their machine, with a sentence, and the machine can be stopped at any time. X64KeysLabTests sends them there with
/// protection keys.
/// </summary>
public sealed class X64TrespassTests(X64GuestBuild build)
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20); // then the machine is stopped; a healthy one takes less than one

    private static readonly Gen<ulong> Target = Gen.OneOf(
        Gen.Int[0, Trespasses.Edges.Count - 1].Select(i => Trespasses.Edges[i]),
        Gen.ULong[Trespasses.Library, Trespasses.Library + 0x2000],
        Gen.ULong[Trespasses.Vcpu, Trespasses.Vcpu + 0xA000],
        Gen.ULong[Trespasses.Stub, Trespasses.Stub + 0x2_0000],
        Gen.ULong[Trespasses.Kernel, Trespasses.Kernel + 0x10_0000],
        Gen.ULong);

    [Fact]
    public void Wherever_a_program_goes_its_machine_ends_at_worst() =>
        Gen.Select(Gen.Int[0, 5].Select(i => "jjjrwf"[i]), Target, Gen.ULong).Sample(
            (what, where, value) => RequireEnd(Trespasses.Typed(what, where, value)), iter: 40, threads: 2);

    // Nothing of the kernel's is there, so a program gets its page fault wherever the kernel or the library has something; elsewhere it
    // ends its machine at worst.
    [Fact]
    public void In_a_process_of_its_own_too() =>
        Gen.Select(Gen.Int[0, 5].Select(i => "jjjrwf"[i]), Target, Gen.ULong).Sample(
            (what, where, value) => RequireEnd(Trespasses.Typed(what, where, value), IsolationLevel.Process), iter: 40, threads: 2);

    [Theory]
    [InlineData('r', Trespasses.Library, 4)]
    [InlineData('w', Trespasses.Library, 6)]
    [InlineData('j', Trespasses.Library, 4)]
    [InlineData('r', Trespasses.Vcpu, 4)]
    [InlineData('w', Trespasses.Vcpu, 6)]
    [InlineData('r', Trespasses.Kernel, 4)]
    [InlineData('w', Trespasses.Kernel, 6)]
    [InlineData('j', Trespasses.Kernel, 4)]
    public void In_a_process_of_its_own_a_program_finds_nothing_of_its_kernels(char what, ulong where, int error)
    {
        (MachineResult result, string printed) = Run(Trespasses.Typed(what, where, 0), IsolationLevel.Process);
        Assert.Equal(MachineEnd.TestExit, result.End);
        // Whether the page is present is the guest's tables' business.
        Assert.Matches($"(?s)going\nvector=0000000e\nerror=000000({error:x2}|{error | 1:x2})\n", printed);
    }

    public static TheoryData<string> Aims => new(Trespasses.All);

    [Theory]
    [MemberData(nameof(Aims))]
    public void A_jump_to_an_entry_or_into_code_and_a_write_to_any_window_end_the_machine_at_worst(string typed) => RequireEnd(typed);

    // What is not the guest's at all: its page tables say so, and nobody else gave it.
    [Theory]
    [InlineData('r', 0x5000_0000_0000, 14, 4)]
    [InlineData('w', 0x5000_0000_0000, 14, 6)]
    [InlineData('j', 0x5000_0000_0000, 14, 4)]
    [InlineData('r', 0x6F00_0000_0000, 14, 4)]
    [InlineData('j', 0x6F00_0000_0000, 14, 4)]
    [InlineData('r', 0x8000_0000_0000_0000, 13, 0)]
    public void Addresses_of_nobody_are_faults(char what, ulong where, int vector, int error)
    {
        (MachineResult result, string printed) = Run(Trespasses.Typed(what, where, 0));
        string fault = string.Create(CultureInfo.InvariantCulture, $"vector={vector:x8}\nerror={error:x8}\n");
        Assert.Equal((MachineEnd.TestExit, "efer at head=00000501\nready\ngoing\n" + fault), (result.End, printed));
    }

    // The VM process signals whoever runs the guest; a number that the guest wrote there is nobody's, and so the guest does not hear that
    // it is to stop.
    [Fact]
    public async Task A_process_of_the_hosts_is_left_alone_whatever_number_the_guest_writes()
    {
        using Process other = Process.Start("sleep", "600");
        try
        {
            var output = new MachineFixture.Printed();
            string typed = Trespasses.Typed('h', Holder, (ulong)other.Id);
            using VirtualMachine machine = TypedGuests.Make(build, Trespasses.Guest, typed, output);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeLimit);
            Task<MachineResult> run = machine.RunAsync(TestContext.Current.CancellationToken);
            while (!output.ToString().Contains("going", StringComparison.Ordinal))
                await Task.Delay(10, limit.Token);
            await Task.Delay(300, limit.Token); // the program's one instruction; without it this shows less, and still nothing wrong
            machine.Stop();
            MachineResult result = await run.WaitAsync(limit.Token);
            if (result.End != MachineEnd.Stopped)
                Assert.Contains(" did not answer when it was to stop", result.Message, StringComparison.Ordinal);
            Assert.False(other.HasExited);
        }
        finally
        {
            other.Kill();
        }
    }

    private static unsafe ulong Holder
    {
        get
        {
            StubMachine machine; // for an address in it
            ulong offset = (ulong)((byte*)&machine.HolderProcess - (byte*)&machine);
            return Trespasses.Library + UserGuest.Of(GuestArchitecture.X64).MachineOffset + offset;
        }
    }

    private void RequireEnd(string typed, IsolationLevel isolation = IsolationLevel.None)
    {
        (MachineResult result, string printed) = Run(typed, isolation);
        TypedGuests.RequireSentence(result, $"{typed}\n{printed}");
    }

    private (MachineResult Result, string Printed) Run(string typed, IsolationLevel isolation = IsolationLevel.None) =>
        TypedGuests.Run(build, Trespasses.Guest, typed, TimeLimit, isolation).GetAwaiter().GetResult();
}
