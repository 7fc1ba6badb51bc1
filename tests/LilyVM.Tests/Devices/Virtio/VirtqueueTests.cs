using LilyVM.Devices.Virtio;

namespace LilyVM.Tests.Devices.Virtio;

// With the entropy device, whose one queue takes any buffer.
public class VirtqueueTests
{
    [Fact]
    public void Fills_a_scattered_request_and_interrupts()
    {
        using var driver = new TestDriver(new VirtioEntropy());
        ushort head = driver.Add(0, new TestBuffer(0x8000, 100, true), new TestBuffer(0x9000, 0, true), new TestBuffer(0xA000, 50, true));
        Assert.Equal(150u, driver.Complete(0));
        Assert.Equal(head, driver.Memory.Read32(TestDriver.Used(0) + 4));
        Assert.True(driver.Memory.Bytes[0x8000..0x8064].ContainsAnyExcept((byte)0));
        Assert.Equal(0, driver.Memory.Bytes[0x8064]);
        TestDriver.Wait(() => driver.Line.Level);
        Assert.Equal(1u, driver.Get(0x060));
        driver.Set(0x064, 1);
        Assert.Equal((0u, false), (driver.Get(0x060), driver.Line.Level));
    }

    [Fact]
    public void Goes_round_the_ring_many_times()
    {
        using var driver = new TestDriver(new VirtioEntropy());
        for (int i = 0; i < 70_000; i++) // the indexes are 16 bits wide
        {
            driver.Add(0, new TestBuffer(0x8000, 1, true));
            if (i % 7 == 0)
                driver.Complete(0);
        }
        Assert.Equal(1u, driver.Complete(0));
    }

    [Fact]
    public void The_driver_may_refuse_interrupts()
    {
        using var driver = new TestDriver(new VirtioEntropy());
        driver.Memory.Write16(TestDriver.Available(0), 1);
        driver.Add(0, new TestBuffer(0x8000, 8, true));
        driver.Complete(0);
        driver.Device.Dispose(); // the thread has ended
        Assert.Equal(0, driver.Line.Rises);
    }

    [Fact]
    public void With_event_indexes_the_driver_chooses_the_interrupt_and_the_device_the_notification()
    {
        using var driver = new TestDriver(new VirtioEntropy(), TestDriver.EventIndex);
        driver.Memory.Write16(TestDriver.Available(0) + 4 + 2 * TestDriver.QueueSize, 2); // tell when the third is done
        for (int i = 0; i < 2; i++)
        {
            driver.Add(0, new TestBuffer(0x8000, 8, true));
            driver.Complete(0);
            ushort done = (ushort)(i + 1);
            TestDriver.Wait(() => driver.Memory.Read16(TestDriver.Used(0) + 4 + 8 * TestDriver.QueueSize) == done);
            Assert.Equal(0, driver.Line.Rises);
        }
        driver.Add(0, new TestBuffer(0x8000, 8, true));
        driver.Complete(0);
        TestDriver.Wait(() => driver.Line.Level);
    }

    [Fact]
    public void Takes_indirect_tables_where_they_were_agreed_on()
    {
        using var driver = new TestDriver(new VirtioEntropy(), TestDriver.Indirect);
        driver.WriteDescriptor(0x7008, new TestBuffer(0x8000, 3, true), 2);
        driver.WriteDescriptor(0x7028, new TestBuffer(0x9000, 4, true), null);
        driver.Add(0, new TestBuffer(0x7008, 48, false, 4));
        Assert.Equal(7u, driver.Complete(0));
    }

    public static TheoryData<string, ulong, Action<TestDriverAccess>> Attacks => new()
    {
        { "outside RAM", 0, d => d.Add(new TestBuffer(0x4_0000, 1, true)) },
        { "outside RAM", 0, d => d.Add(new TestBuffer(0x3_FFFF, 2, true)) },
        { "outside RAM", 0, d => d.Add(new TestBuffer(ulong.MaxValue, 2, true)) },
        { "outside RAM", 0, d => d.Add(new TestBuffer(0x8000, uint.MaxValue, true)) },
        { "behind a writable", 0, d => d.Add(new TestBuffer(0x8000, 1, true), new TestBuffer(0x8000, 1)) },
        { "not allowed", 0, d => d.Add(new TestBuffer(0x8000, 16, false, 4)) },
        { "not allowed", TestDriver.Indirect, d => d.Add(new TestBuffer(0x8000, 15, false, 4)) },
        { "not allowed", TestDriver.Indirect, d => d.Add(new TestBuffer(0x8000, 0, false, 4)) },
        { "not allowed", TestDriver.Indirect, d => d.Add(new TestBuffer(0x8000, 16, false, 4), new TestBuffer(0x8000, 1, true)) },
        { "indirect table outside RAM", TestDriver.Indirect, d => d.Add(new TestBuffer(0x3_FFF8, 16, false, 4)) },
        { "not allowed", TestDriver.Indirect, d => d.Nested() },
        { "without end", 0, d => d.Loop() },
        { "descriptor 16 in a table of 16", 0, d => d.Head(16) },
        { "runs 17 entries ahead", 0, d => d.AvailableIndex(17) },
        { "runs 65535 entries ahead", 0, d => d.AvailableIndex(0xFFFF) },
    };

    [Theory]
    [MemberData(nameof(Attacks), DisableDiscoveryEnumeration = true)]
    public void A_driver_that_breaks_the_rules_must_reset_the_device(string why, ulong features, Action<TestDriverAccess> attack)
    {
        using var driver = new TestDriver(new VirtioEntropy(), features);
        attack(new TestDriverAccess(driver));
        driver.Notify(0);
        Assert.Contains(why, driver.NeedsReset(), StringComparison.Ordinal);
        TestDriver.Wait(() => driver.Line.Level);
        Assert.Equal(2u, driver.Get(0x060)); // a change of configuration
        driver.Set(0x070, 0);
        Assert.Equal((0u, false), (driver.Get(0x070), driver.Line.Level));
        driver.Memory.Bytes.Clear();
        driver.Negotiate(TestDriver.Version1);
        driver.SetUpQueue(0);
        driver.Set(0x070, 15);
        Assert.Equal(15u, driver.Get(0x070)); // as new
    }

    /// <summary>What the attacks may do.</summary>
    public sealed class TestDriverAccess
    {
        private readonly TestDriver driver;

        internal TestDriverAccess(TestDriver driver) => this.driver = driver;

        internal void Add(params ReadOnlySpan<TestBuffer> buffers) => driver.Add(0, buffers);

        internal void Nested()
        {
            driver.WriteDescriptor(0x8000, new TestBuffer(0x8000, 16, false, 4), null);
            Add(new TestBuffer(0x8000, 16, false, 4));
        }

        internal void Loop()
        {
            driver.WriteDescriptor(TestDriver.Descriptors(0), new TestBuffer(0x8000, 1), 0);
            AvailableIndex(1);
        }

        internal void Head(ushort head)
        {
            driver.Memory.Write16(TestDriver.Available(0) + 4, head);
            AvailableIndex(1);
        }

        internal void AvailableIndex(ushort index) => driver.Memory.Write16(TestDriver.Available(0) + 2, index);
    }
}
