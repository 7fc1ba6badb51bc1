using System.Text;
using LilyVM.Devices;
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
    public void Knows_the_size_of_its_terminal_and_tells_changes()
    {
        Assert.Equal(1u, driver.Get(0x010) & 1); // VIRTIO_CONSOLE_F_SIZE
        Assert.Equal((0u, 0u), (driver.Device.Read(0x100, 2), driver.Device.Read(0x102, 2)));
        uint generation = driver.Get(0x0FC);
        console.Resize(new TerminalSize(24, 80));
        Assert.True(driver.Line.Level);
        Assert.Equal(2u, driver.Get(0x060)); // the configuration, not a buffer
        Assert.NotEqual(generation, driver.Get(0x0FC));
        Assert.Equal((80u, 24u), (driver.Device.Read(0x100, 2), driver.Device.Read(0x102, 2)));
        Assert.Equal(0x0018_0050u, driver.Get(0x100));
        Assert.Equal(0xFFFFu, driver.Device.Read(0x104, 2)); // nothing of what other features have
        driver.Set(0x064, 2);
        Assert.False(driver.Line.Level);
        driver.Device.Write(0x100, 4, 0); // not the driver's to change
        Assert.Equal(0x0018_0050u, driver.Get(0x100));
    }

    [Fact]
    public void A_driver_that_does_not_run_is_told_nothing()
    {
        driver.Set(0x070, 0);
        console.Resize(new TerminalSize(50, 132));
        Assert.False(driver.Line.Level);
        Assert.Equal(0x0032_0084u, driver.Get(0x100)); // it reads it when it starts
    }

    [Fact]
    public void A_guest_without_buffers_lets_who_types_wait()
    {
        var typing = new Thread(() => console.Receive(new byte[InputQueue.Limit + 10]));
        typing.Start();
        Assert.False(typing.Join(TimeSpan.FromMilliseconds(50)));
        driver.Add(Receive, new TestBuffer(0x8000, 16, true));
        Assert.Equal(16u, driver.Complete(Receive));
        typing.Join();
    }

    private string Text(int address, int length) => Encoding.ASCII.GetString(driver.Memory.Bytes.Slice(address, length));
}
