using System.Buffers.Binary;
using LilyVM.Engines;
using static LilyVM.Tests.Machine.ScriptedEngine;

namespace LilyVM.Tests.Machine;

/// <summary>The run loop and the ways in which a machine ends.</summary>
public sealed class VirtualMachineTests : MachineFixtureTest
{
    private const uint Serial = 0x3F8, LineStatus = 0x3FD, TestExit = 0xF4, ResetFlagAddress = 0x472;

    [Fact]
    public async Task A_guest_prints_reads_and_ends_with_its_status()
    {
        List<uint> answers = [];
        IEnumerable<Exit> Guest(ScriptedEngine engine)
        {
            foreach (char letter in "hi\n")
                yield return PortWrite(Serial, letter);
            yield return PortRead(LineStatus);
            answers.Add(engine.Answer);
            yield return PortRead(0x1234, width: 2);
            answers.Add(engine.Answer);
            yield return PortWrite(TestExit, 7);
            yield return PortWrite(Serial, '!'); // never comes
        }

        MachineResult result = await Fixture.Run(Guest);
        Assert.Equal((MachineEnd.TestExit, 7, null), (result.End, result.ExitStatus, result.Message));
        Assert.Equal([new Counter("exits", 12345)], result.Counters);
        Assert.Equal("hi\n", Fixture.Output.ToString());
        Assert.Equal([0x60u, 0xFFFFu], answers);
        Assert.True(Fixture.Engine.IsDisposed);
    }

    [Theory]
    [InlineData(null, MachineEnd.TripleFault, MachineResult.FailureStatus)]
    [InlineData(0, MachineEnd.Restart, 0)]
    [InlineData(0x1234, MachineEnd.Panic, MachineResult.FailureStatus)]
    public async Task A_triple_fault_of_Linux_means_what_it_wrote_before(int? flag, MachineEnd end, int status)
    {
        IEnumerable<Exit> Guest(ScriptedEngine engine)
        {
            yield return PortRead(LineStatus);
            if (flag is { } value)
                WriteResetFlag(engine, value);
        }

        MachineResult result = await Fixture.Run(Guest);
        Assert.Equal((end, status, status != 0), (result.End, result.ExitStatus, result.Message is not null));
    }

    [Theory]
    [InlineData(0x64, 0xFE)]
    [InlineData(0x92, 0x01)]
    [InlineData(0xCF9, 0x06)]
    public async Task A_reset_port_is_an_orderly_end_unless_Linux_panicked(uint port, uint value)
    {
        Assert.Equal(MachineEnd.Restart, (await Fixture.Run(_ => [PortWrite(port, value), Compute])).End);
        IEnumerable<Exit> Panic(ScriptedEngine engine)
        {
            WriteResetFlag(engine, 0x1234);
            yield return PortWrite(port, value);
        }

        Assert.Equal(MachineEnd.Panic, (await Fixture.Run(Panic)).End);
    }

    [Theory]
    [InlineData(0x64, 1, 0xFE, MachineEnd.Restart, 0)]
    [InlineData(0x92, 1, 0x01, MachineEnd.Restart, 0)]
    [InlineData(0xCF9, 1, 0x06, MachineEnd.Restart, 0)]
    [InlineData(0x604, 2, 0x2000, MachineEnd.PowerOff, 0)]
    [InlineData(0x505, 1, 0x01, MachineEnd.Panic, MachineResult.FailureStatus)]
    [InlineData(0xF4, 1, 0x03, MachineEnd.TestExit, 3)]
    public async Task Of_other_kernels_what_they_do_counts_and_not_what_they_wrote_to_the_reset_flag(uint port, int width, uint value,
        MachineEnd end, int status)
    {
        IEnumerable<Exit> Guest(ScriptedEngine engine)
        {
            WriteResetFlag(engine, 0x1234);
            yield return PortWrite(port, value, width);
        }

        MachineResult result = await RunMultiboot(Guest);
        Assert.Equal((end, status), (result.End, result.ExitStatus));
        Assert.Equal(end is MachineEnd.Restart or MachineEnd.PowerOff, result.IsOrderly);
    }

    [Fact]
    public async Task A_guest_that_halts_for_good_has_powered_off()
    {
        Exit halted = new() { Reason = ExitReason.Halted };
        Assert.Equal((MachineEnd.PowerOff, 0), ((await RunMultiboot(_ => [halted])).End, (await RunMultiboot(_ => [halted])).ExitStatus));
        Assert.Equal(MachineEnd.PowerOff, (await Fixture.Run(_ => [halted])).End);
    }

    [Fact]
    public async Task A_triple_fault_says_where_and_by_which_exceptions()
    {
        var fault = new TripleFault(8, 0xC010_0123, [14, 8, 13], 0xDEAD_BEEF);
        MachineResult result = await RunMultiboot(_ => [new Exit { Reason = ExitReason.Reset, TripleFault = fault }]);
        Assert.Equal((MachineEnd.TripleFault, MachineResult.FailureStatus, fault), (result.End, result.ExitStatus, result.TripleFault));
        Assert.Equal(
            "The guest crashed: a fault in its fault handlers (triple fault) at CS:EIP 0x0008:0xc0100123, vectors 14, 8, 13, CR2 " +
            "0xdeadbeef; "
                + "its last messages on the console may say why.",
            result.Message);
    }

    [Fact]
    public async Task An_engine_s_failure_is_told()
    {
        MachineResult result = await Fixture.Run(_ => [new Exit { Reason = ExitReason.Failure, Message = "The guest jumped too far." }]);
        Assert.Equal((MachineEnd.Failure, MachineResult.FailureStatus, "The guest jumped too far."),
            (result.End, result.ExitStatus, result.Message));
    }

    [Fact]
    public async Task An_error_of_a_device_reaches_whoever_awaits_the_run()
    {
        using var machine = new VirtualMachine(Fixture.Options(_ => throw new InvalidOperationException("broken")) with
        {
            CreateEngine = bytes => new ScriptedEngine(bytes, _ => Broken()),
        });
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => machine.RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal("broken", error.Message);

        static IEnumerable<Exit> Broken()
        {
            yield return PortRead(LineStatus);
            throw new InvalidOperationException("broken");
        }
    }

    [Fact]
    public async Task A_running_guest_can_be_stopped_cancelled_or_disposed_of()
    {
        using (var machine = new VirtualMachine(Fixture.Options(_ => [Compute, Compute])))
        {
            Task<MachineResult> run = machine.RunAsync(TestContext.Current.CancellationToken);
            machine.Stop();
            Assert.Equal((MachineEnd.Stopped, MachineResult.StoppedStatus), ((await run).End, (await run).ExitStatus));
        }
        using (var machine = new VirtualMachine(Fixture.Options(_ => [Compute, Compute])))
        {
            using var cancellation = new CancellationTokenSource();
            Task<MachineResult> run = machine.RunAsync(cancellation.Token);
            await cancellation.CancelAsync();
            Assert.Equal(MachineEnd.Stopped, (await run).End);
        }
        var disposed = new VirtualMachine(Fixture.Options(_ => [Compute, Compute]));
        Task<MachineResult> last = disposed.RunAsync(TestContext.Current.CancellationToken);
        disposed.Dispose();
        Assert.Equal(MachineEnd.Stopped, (await last).End);
        Assert.True(Fixture.Engine.IsDisposed);
    }

    [Fact]
    public async Task A_paused_guest_stands_still_until_it_is_resumed()
    {
        using var machine = new VirtualMachine(Fixture.Options(_ => [Compute, PortWrite(Serial, 'x'), PortWrite(TestExit, 3)]));
        machine.Pause(); // before it runs: it does not start
        Task<MachineResult> run = machine.RunAsync(TestContext.Current.CancellationToken);
        Assert.True(machine.IsPaused);
        machine.Resume();
        machine.Pause();
        Assert.Equal("", Fixture.Output.ToString());
        Assert.Equal(0xC0100000u, machine.ReadRegisters().Ip);
        machine.Resume();
        Fixture.Engine.Stop(); // ends Compute, if Pause came before it
        Assert.Equal(3, (await run).ExitStatus);
        Assert.Equal("x", Fixture.Output.ToString());
        machine.Pause(); // of a machine that ended: nothing to wait for
    }

    [Fact]
    public async Task What_is_typed_arrives_even_if_it_was_typed_before_the_machine_ran()
    {
        const uint ModemControl = 0x3FC, RequestToSend = 2;
        List<uint> got = [];
        IEnumerable<Exit> Guest(ScriptedEngine engine)
        {
            yield return PortWrite(ModemControl, RequestToSend);
            foreach (int _ in Enumerable.Range(0, 2))
            {
                yield return PortRead(Serial);
                got.Add(engine.Answer);
            }
            yield return PortWrite(TestExit, 0);
        }

        MachineOptions options = Fixture.Options(Guest);
        options.Console.Type("a"u8);
        using var machine = new VirtualMachine(options);
        options.Console.Type("b"u8);
        await machine.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(['a', 'b'], got);
    }

    [Fact]
    public async Task A_machine_runs_once()
    {
        using var machine = new VirtualMachine(Fixture.Options(_ => [PortWrite(TestExit, 0)]));
        await machine.RunAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidOperationException>(() => machine.RunAsync(TestContext.Current.CancellationToken));
    }

    private async Task<MachineResult> RunMultiboot(Func<ScriptedEngine, IEnumerable<Exit>> guest)
    {
        using var machine = new VirtualMachine(Fixture.Options(guest) with { Kernel = Fixture.WriteMultiboot() });
        return await machine.RunAsync(TestContext.Current.CancellationToken);
    }

    private static void WriteResetFlag(ScriptedEngine engine, int value)
    {
        Assert.True(engine.Ram.TryGetSpan(ResetFlagAddress, 2, out Span<byte> word));
        BinaryPrimitives.WriteUInt16LittleEndian(word, (ushort)value);
    }
}
