using System.Text;
using LilyVM.Tests.Machine;

namespace LilyVM.Tests.Devices.Virtio;

public sealed class VirtioPortsTests : IDisposable
{
    private const uint First = 0, FirstTransmit = 1, ControlReceive = 2, ControlTransmit = 3, Second = 4, SecondTransmit = 5;
    private const ushort DeviceReady = 0, DeviceAdd = 1, PortReady = 3, PortOpen = 6;

    private readonly MachineFixture.Printed firstOutput = new(), secondOutput = new();
    private readonly MachineConsole first, second;
    private readonly TestDriver driver;

    public VirtioPortsTests()
    {
        first = new MachineConsole(firstOutput);
        second = new MachineConsole(secondOutput);
        driver = new TestDriver(MachineConsole.CreatePorts([first, second]), features: 2);
    }

    public void Dispose() => driver.Dispose();

    [Fact]
    public void Tells_how_many_ports_there_are() =>
        Assert.Equal((3u, 2u, 2u), (driver.Get(0x008), driver.Get(0x010) & 0xFF_FFFF, driver.Get(0x104)));

    [Fact]
    public void Adds_its_ports_when_the_driver_is_ready_and_opens_those_that_are()
    {
        Tell(0, DeviceReady, 1);
        Assert.Equal(((0u, DeviceAdd, (ushort)1), (1u, DeviceAdd, (ushort)1)), (Hear(), Hear()));
        Tell(1, PortReady, 1);
        Assert.Equal((1u, PortOpen, (ushort)1), Hear());
    }

    [Fact]
    public void Each_port_is_a_stream_of_its_own_in_both_directions()
    {
        "one"u8.CopyTo(driver.Memory.Bytes[0x8000..]);
        "two"u8.CopyTo(driver.Memory.Bytes[0x9000..]);
        driver.Add(SecondTransmit, new TestBuffer(0x9000, 3));
        driver.Complete(SecondTransmit);
        driver.Add(FirstTransmit, new TestBuffer(0x8000, 3));
        driver.Complete(FirstTransmit);
        Assert.Equal(("one", "two"), (firstOutput.ToString(), secondOutput.ToString()));
        Tell(1, PortOpen, 1);
        second.Type("for the second"u8);
        driver.Add(Second, new TestBuffer(0xA000, 64, true));
        Assert.Equal(14u, driver.Complete(Second));
        Assert.Equal("for the second", Encoding.ASCII.GetString(driver.Memory.Bytes.Slice(0xA000, 14)));
    }

    [Fact]
    public void Input_waits_until_the_guest_has_the_port_open_and_its_end_comes_behind_it()
    {
        first.Type("abc"u8);
        first.EndInput();
        driver.Add(First, new TestBuffer(0xA000, 2, true));
        driver.Notify(First);
        Tell(0, PortOpen, 1); // only now
        Assert.Equal(2u, driver.Complete(First));
        driver.Add(First, new TestBuffer(0xA000, 2, true));
        Assert.Equal(1u, driver.Complete(First));
        Assert.Equal((0u, PortOpen, (ushort)0), Hear());
    }

    [Theory]
    [InlineData(2u, PortReady, 1)] // no such port
    [InlineData(uint.MaxValue, PortOpen, 1)]
    [InlineData(0u, 99, 1)] // no such event
    [InlineData(0u, DeviceReady, 0)]
    public void Messages_without_sense_mean_nothing(uint port, ushort what, ushort value)
    {
        Tell(port, what, value);
        driver.Add(ControlTransmit, new TestBuffer(0x8000, 3)); // less than a message
        driver.Complete(ControlTransmit);
        Tell(0, PortReady, 1);
        Assert.Equal((0u, PortOpen, (ushort)1), Hear());
    }

    [Fact]
    public void A_driver_that_asks_and_never_listens_costs_no_memory()
    {
        for (int i = 0; i < 100; i++)
            Tell(0, PortReady, 1);
        int heard = 0;
        for (; heard < 20; heard++)
        {
            driver.Add(ControlReceive, new TestBuffer(0xB000, 8, true));
            driver.Notify(ControlReceive);
            if (!SpinWait.SpinUntil(() => driver.Memory.Read16(TestDriver.Used(ControlReceive) + 2) == heard + 1, 200))
                break;
        }
        Assert.InRange(heard, 1, 16);
    }

    private void Tell(uint port, ushort what, ushort value)
    {
        driver.Memory.Write32(0x8000, port);
        driver.Memory.Write16(0x8004, what);
        driver.Memory.Write16(0x8006, value);
        driver.Add(ControlTransmit, new TestBuffer(0x8000, 8));
        driver.Complete(ControlTransmit);
    }

    private (uint Port, ushort Event, ushort Value) Hear()
    {
        driver.Add(ControlReceive, new TestBuffer(0xB000, 8, true));
        Assert.Equal(8u, driver.Complete(ControlReceive));
        return (driver.Memory.Read32(0xB000), driver.Memory.Read16(0xB004), driver.Memory.Read16(0xB006));
    }
}
