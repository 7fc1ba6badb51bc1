using System.Text;
using LilyVM.Devices.Virtio;

namespace LilyVM.Tests.Devices.Virtio;

public sealed class VirtioConsoleTests : IDisposable
{
    private const uint Receive = 0, Transmit = 1;

    private readonly TestOutput output = new();
    private readonly VirtioConsole console;
    private readonly TestDriver driver;

    public VirtioConsoleTests()
    {
        console = new VirtioConsole(output);
        driver = new TestDriver(console);
    }

    public void Dispose() => driver.Dispose();

    [Fact]
    public void Prints_scattered_text()
    {
        "Hello, "u8.CopyTo(driver.Memory.Bytes[0x8000..]);
        "world"u8.CopyTo(driver.Memory.Bytes[0x9000..]);
        driver.Add(Transmit, new TestBuffer(0x8000, 7), new TestBuffer(0x9000, 5));
        Assert.Equal(0u, driver.Complete(Transmit));
        Assert.Equal("Hello, world", output.Text);
    }

    [Fact]
    public void Input_waits_for_buffers_and_fills_as_many_as_it_needs()
    {
        console.Receive("abcdefg"u8);
        driver.Add(Receive, new TestBuffer(0x8000, 2, true), new TestBuffer(0x9000, 3, true));
        Assert.Equal(5u, driver.Complete(Receive));
        driver.Add(Receive, new TestBuffer(0xA000, 16, true));
        Assert.Equal(2u, driver.Complete(Receive));
        Assert.Equal("ab cde fg", Text(0x8000, 2) + " " + Text(0x9000, 3) + " " + Text(0xA000, 2));
    }

    [Fact]
    public void Buffers_wait_for_input()
    {
        driver.Add(Receive, new TestBuffer(0x8000, 16, true));
        driver.Notify(Receive);
        console.Receive("x"u8);
        TestDriver.Wait(() => driver.Line.Level);
        Assert.Equal((1, "x"), (driver.Memory.Read16(TestDriver.Used(Receive) + 2), Text(0x8000, 1)));
    }

    [Fact]
    public void Has_no_configuration()
    {
        Assert.Equal(0xFFFFu, driver.Device.Read(0x100, 2));
        driver.Device.Write(0x100, 4, 0);
        Assert.Equal(3u, driver.Get(8));
    }

    private string Text(int address, int length) => Encoding.ASCII.GetString(driver.Memory.Bytes.Slice(address, length));
}
