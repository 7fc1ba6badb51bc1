using LilyVM.Engines;
using static LilyVM.Tests.Machine.ScriptedEngine;

namespace LilyVM.Tests.Machine;

/// <summary>Where the devices lie, which interrupts they use, and which writes do not stop the guest.</summary>
public sealed class MachineDevicesTests : MachineFixtureTest
{
    private const uint Virtio = 0xD000_0000, Slot = 0x1000, Magic = 0x7472_6976, DeviceId = 8, Block = 2, Entropy = 4, TestExit = 0xF4;

    [Fact]
    public async Task Drives_come_first_then_the_source_of_entropy_then_nothing()
    {
        DriveOptions[] drives = [new(Fixture.Write("a", new byte[512])), new(Fixture.Write("b", new byte[1024]), ReadOnly: true)];
        List<uint> answers = [];
        IEnumerable<Exit> Guest(ScriptedEngine engine)
        {
            for (uint slot = 0; slot < 4; slot++)
            {
                yield return MemoryRead(Virtio + slot * Slot);
                answers.Add(engine.Answer);
                yield return MemoryRead(Virtio + slot * Slot + DeviceId);
                answers.Add(engine.Answer);
            }
            yield return MemoryWrite(0xE000_0000, 1); // nobody is there
            yield return PortWrite(TestExit, 0);
        }

        using var machine = new VirtualMachine(Fixture.Options(Guest) with { Drives = drives });
        await machine.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal([Magic, Block, Magic, Block, Magic, Entropy, uint.MaxValue, uint.MaxValue], answers);
        Assert.Equal(
            [
                (AddressKind.Port, 0x3F8u, 1u), (AddressKind.Memory, Virtio + 0x50, 4u), (AddressKind.Memory, Virtio + Slot + 0x50, 4u),
                (AddressKind.Memory, Virtio + 2 * Slot + 0x50, 4u),
            ],
            Fixture.Engine.Posted);
    }

    [Theory]
    [InlineData(0x3F8, 4)]
    [InlineData(0x2F8, 3)]
    public async Task A_serial_port_asks_for_its_own_interrupt(uint port, int line)
    {
        const uint EnableTransmitterEmpty = 2;
        using var machine = new VirtualMachine(
            Fixture.Options(_ => [PortWrite(port + 1, EnableTransmitterEmpty), PortWrite(TestExit, 0)]) with
            {
                SecondConsole =
                new MachineConsole(Stream.Null)
            });
        await machine.RunAsync(TestContext.Current.CancellationToken);
        Assert.Contains((line, true), Fixture.Engine.Interrupts);
        Assert.DoesNotContain((line == 3 ? 4 : 3, true), Fixture.Engine.Interrupts);
    }

    [Fact]
    public async Task Without_a_second_console_there_is_no_second_port()
    {
        uint answer = 0;
        IEnumerable<Exit> Guest(ScriptedEngine engine)
        {
            yield return PortRead(0x2FD);
            answer = engine.Answer;
        }

        await Fixture.Run(Guest);
        Assert.Equal(0xFFu, answer);
    }

    [Fact]
    public void Drives_that_cannot_be_used_are_named_and_the_engine_goes()
    {
        string disk = Fixture.Write("disk", new byte[512]);
        string Refusal(params DriveOptions[] drives) =>
            Assert.Throws<LilyVMException>(() => new VirtualMachine(Fixture.Options(_ => []) with { Drives = drives })).Message;

        Assert.Equal("Cannot open the disk image /none: there is no such file.", Refusal(new DriveOptions("/none")));
        Assert.True(Fixture.Engine.IsDisposed);
        const string Same = "are the same image: make both read-only or snapshots, or give each its own.";
        File.CreateSymbolicLink(Fixture["link"], disk);
        Assert.Equal($"The drives {disk} and {disk} {Same}", Refusal(new(disk), new(disk)));
        Assert.Equal($"The drives {disk} and {Fixture["link"]} {Same}", Refusal(new(disk, ReadOnly: true), new(Fixture["link"])));
        Assert.Equal($"The drives {disk} and {disk} {Same}", Refusal(new(disk), new(disk, Snapshot: true)));
        new VirtualMachine(Fixture.Options(_ => []) with
        {
            Drives =
            [new(disk, ReadOnly: true), new(disk, Snapshot: true), new(disk, ReadOnly: true)]
        }).Dispose();
        Assert.Equal("Cannot open the disk image /dev/null: it is neither a file nor a block device.",
            Refusal(new DriveOptions("/dev/null")));
        Assert.Equal("Cannot open the disk image /: it is a directory.", Refusal(new DriveOptions("/")));
        Assert.EndsWith("has 0 bytes: give it a size with truncate -s.", Refusal(new DriveOptions(Fixture.Write("empty", []))),
            StringComparison.Ordinal);
        Assert.Equal("5 drives were given; the machine has room for 4.", Refusal([.. Enumerable.Repeat(new DriveOptions(disk), 5)]));
        using var free = new VirtualMachine(Fixture.Options(_ => []) with { Drives = [new(disk)] }); // the refused ones left no lock
    }
}
