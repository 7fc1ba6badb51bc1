using LilyVM.Devices.Virtio;

namespace LilyVM.Tests.Devices.Virtio;

public sealed class VirtioMmioTests : IDisposable
{
    private readonly TestDriver driver = new(new VirtioEntropy(), start: false);

    public void Dispose() => driver.Dispose();

    [Fact]
    public void Says_what_it_is()
    {
        Assert.Equal((0x7472_6976u, 2u, 4u), (driver.Get(0), driver.Get(4), driver.Get(8)));
        Assert.Equal(0xFFFF_FFFFu, driver.Get(0x0B0)); // no shared memory
        Assert.Equal((0u, 0u), (driver.Get(0x0C0), driver.Get(0x0FC)));
    }

    [Fact]
    public void Offers_features_in_two_halves()
    {
        Assert.Equal(0x3000_0000u, driver.Get(0x010));
        driver.Set(0x014, 1);
        Assert.Equal(1u, driver.Get(0x010));
        driver.Set(0x014, 2);
        Assert.Equal(0u, driver.Get(0x010));
    }

    [Theory]
    [InlineData(TestDriver.Version1, true)]
    [InlineData(TestDriver.Version1 | TestDriver.EventIndex | TestDriver.Indirect, true)]
    [InlineData(TestDriver.EventIndex, false)] // a legacy driver
    [InlineData(TestDriver.Version1 | 1, false)]
    [InlineData(TestDriver.Version1 | (1UL << 40), false)] // queue reset
    public void Accepts_what_it_offered(ulong features, bool accepted)
    {
        driver.Negotiate(features);
        Assert.Equal(accepted ? 11u : 3u, driver.Get(0x070));
    }

    [Fact]
    public void A_reset_forgets_everything()
    {
        driver.Negotiate(TestDriver.Version1);
        driver.SetUpQueue(0);
        Assert.Equal(1u, driver.Get(0x044));
        driver.Set(0x070, 15);
        driver.Set(0x070, 0);
        Assert.Equal((0u, 0u, 0u), (driver.Get(0x070), driver.Get(0x044), driver.Get(0x060)));
        driver.Negotiate(0);
        Assert.Equal(3u, driver.Get(0x070)); // the accepted features are gone too
    }

    [Fact]
    public void Queues_that_are_not_there_have_no_size()
    {
        Assert.Equal(256u, driver.Get(0x034));
        driver.Set(0x030, 1);
        Assert.Equal((0u, 0u), (driver.Get(0x034), driver.Get(0x044)));
        driver.Set(0x038, 8);
        driver.Set(0x044, 1);
        driver.Set(0x030, uint.MaxValue);
        driver.Notify(1);
        driver.Notify(uint.MaxValue);
        Assert.Equal(0u, driver.Get(0x034));
        Assert.Null(driver.Device.Fault);
    }

    [Theory]
    [InlineData(0x038u, 0u, "entries")]
    [InlineData(0x038u, 24u, "entries")]
    [InlineData(0x038u, 512u, "entries")]
    [InlineData(0x080u, 0x1008u, "aligned")]
    [InlineData(0x090u, 0x1401u, "aligned")]
    [InlineData(0x0A0u, 0x1802u, "aligned")]
    [InlineData(0x080u, 0x3_FF10u, "outside RAM")]
    [InlineData(0x094u, 1u, "outside RAM")]
    [InlineData(0x0A4u, 0xFFFF_FFFFu, "outside RAM")]
    public void Refuses_a_queue_that_cannot_be(uint register, uint value, string why)
    {
        driver.Negotiate(TestDriver.Version1);
        driver.SetUpQueue(0);
        driver.Set(0x044, 0);
        driver.Set(register, value);
        driver.Set(0x044, 1);
        Assert.Equal((0u, 0x4Bu), (driver.Get(0x044), driver.Get(0x070)));
        Assert.Contains(why, driver.Device.Fault, StringComparison.Ordinal);
        Assert.False(driver.Line.Level); // not running yet: the status register is enough
    }

    [Fact]
    public void A_failed_driver_gets_nothing_more()
    {
        driver.Negotiate(TestDriver.Version1);
        driver.SetUpQueue(0);
        driver.Set(0x070, 0x8F);
        driver.Add(0, new TestBuffer(0x8000, 8, true));
        driver.Notify(0);
        driver.Device.Dispose(); // the thread has ended
        Assert.Equal(0, driver.Memory.Read16(TestDriver.Used(0) + 2));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Registers_are_32_bits_wide(int width)
    {
        Assert.Equal(width == 1 ? 0xFFu : 0xFFFFu, driver.Device.Read(0, width));
        driver.Device.Write(0x070, width, 1);
        Assert.Equal(0u, driver.Get(0x070));
    }

    [Fact]
    public void Offsets_without_a_register_read_all_ones_and_ignore_writes()
    {
        for (uint offset = 0; offset < VirtioMmio.Length + 8; offset++)
        {
            if (offset % 4 != 0 || offset >= 0x100 || offset is 0x00C or (> 0x010 and < 0x034) or 0x054)
                Assert.True(driver.Device.Read(offset, 4) == uint.MaxValue || offset == 0x00C, $"{offset:X}");
            if (offset is not 0x070)
                driver.Set(offset, 0x5555_5555);
        }
        Assert.Equal(0u, driver.Get(0x070));
        Assert.Equal(0xFFFFu, driver.Device.Read(0x101, 2));
    }

    [Fact]
    public async Task Acknowledging_while_bits_are_set_leaves_the_line_as_the_status_says()
    {
        var line = new TestLine();
        var interrupt = new VirtioInterrupt(line);
        Task raising = Task.Run(() =>
        {
            for (int i = 0; i < 100_000; i++)
                interrupt.Raise(1);
        }, TestContext.Current.CancellationToken);
        while (!raising.IsCompleted)
            interrupt.Acknowledge(interrupt.Status);
        await raising;
        Assert.Equal(interrupt.Status != 0, line.Level);
        interrupt.Raise(2);
        interrupt.Acknowledge(1);
        Assert.Equal((2u, true), (interrupt.Status, line.Level));
        interrupt.Acknowledge(2);
        Assert.Equal((0u, false), (interrupt.Status, line.Level));
    }
}
