using LilyVM.Devices.Virtio;
using LilyVM.Tests.Devices.Network;

namespace LilyVM.Tests.Devices.Virtio;

public sealed class VirtioNetworkTests : IDisposable
{
    private const uint Receive = 0, Transmit = 1, Header = 12, Mtu = 1500;
    private const ulong MergeableBuffers = 1 << 15;

    private readonly TestPeer peer = new();
    private readonly List<string> told = [];
    private TestDriver driver;

    public VirtioNetworkTests() => driver = Driver(0);

    public void Dispose()
    {
        driver.Dispose();
        Assert.True(peer.IsDisposed);
    }

    [Fact]
    public void Tells_its_address_its_MTU_and_that_the_link_is_up()
    {
        Assert.Equal((1u, 0x1_8028u), (driver.Get(0x008), driver.Get(0x010) & 0xFF_FFFF)); // MTU, MAC, merged buffers, status
        Assert.Equal((0x1200_5452u, 0x5634u, 1u, Mtu),
            (driver.Get(0x100), driver.Device.Read(0x104, 2), driver.Device.Read(0x106, 2), driver.Device.Read(0x10A, 2)));
        Assert.Equal(0xFFFFu, driver.Device.Read(0x10C, 2)); // nothing of what other features have
        driver.Device.Write(0x100, 4, 0); // not the driver's to change
        Assert.Equal(0x1200_5452u, driver.Get(0x100));
    }

    [Fact]
    public void Sends_what_lies_behind_the_header_scattered_or_not()
    {
        Fill(0x8000, 12 + 14, 1);
        Fill(0x9000, 50, 101);
        driver.Add(Transmit, new TestBuffer(0x8000, 26), new TestBuffer(0x9000, 50));
        driver.Add(Transmit, new TestBuffer(0x8000, 5), new TestBuffer(0x8005, 30)); // a header in two pieces
        Assert.Equal(0u, driver.Complete(Transmit));
        Assert.Equal(2, peer.Sent.Count);
        Assert.Equal([.. Enumerable.Range(13, 14).Concat(Enumerable.Range(101, 50)).Select(i => (byte)i)], peer.Sent[0]);
        Assert.Equal(23, peer.Sent[1].Length);
        Assert.True(peer.Flushes > 0);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(11u)] // half a header
    [InlineData(12u)] // no frame
    [InlineData(25u)] // less than an Ethernet header
    [InlineData(12u + 1519u)] // more than the peer takes
    [InlineData(0x2_0000u)]
    public void What_is_no_frame_is_given_back_and_goes_nowhere(uint length)
    {
        driver.Add(Transmit, new TestBuffer(0x8000, length));
        driver.Add(Transmit, new TestBuffer(0x8000, 12 + 60));
        driver.Complete(Transmit);
        Assert.Equal(60, Assert.Single(peer.Sent).Length);
    }

    [Fact]
    public void A_peer_without_room_lets_the_driver_wait()
    {
        peer.Places = 1;
        driver.Add(Transmit, new TestBuffer(0x8000, 12 + 60));
        driver.Add(Transmit, new TestBuffer(0x8000, 12 + 61));
        driver.Notify(Transmit);
        TestDriver.Wait(() => driver.Memory.Read16(TestDriver.Used(Transmit) + 2) == 1);
        peer.MakeRoom(5);
        TestDriver.Wait(() => driver.Memory.Read16(TestDriver.Used(Transmit) + 2) == 2);
        Assert.Equal([60, 61], peer.Sent.Select(f => f.Length));
    }

    [Fact]
    public void A_frame_comes_behind_a_header_of_zeros_that_counts_buffers()
    {
        driver.Memory.Bytes.Slice(0x8000, 0x200).Fill(0xFF);
        driver.Add(Receive, new TestBuffer(0x8000, 0x100, true), new TestBuffer(0x8100, 0x100, true));
        peer.Arrive(Frame(0x180));
        Assert.Equal(Header + 0x180, driver.Complete(Receive));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0], driver.Memory.Bytes.Slice(0x8000, 12).ToArray());
        Assert.Equal(Frame(0x180), driver.Memory.Bytes.Slice(0x800C, 0x180).ToArray());
    }

    [Fact]
    public void Frames_wait_for_buffers_and_buffers_for_frames()
    {
        peer.Arrive(Frame(60), Frame(61));
        driver.Add(Receive, new TestBuffer(0x8000, 0x600, true));
        Assert.Equal(Header + 60, driver.Complete(Receive));
        Assert.Equal(1, peer.Waiting);
        driver.Add(Receive, new TestBuffer(0x9000, 0x600, true));
        Assert.Equal(Header + 61, driver.Complete(Receive));
        driver.Add(Receive, new TestBuffer(0xA000, 0x600, true));
        driver.Notify(Receive);
        peer.Arrive(Frame(62));
        Assert.Equal(Header + 62, driver.Complete(Receive));
        Assert.True(driver.Line.Level);
    }

    [Fact]
    public void A_buffer_that_is_too_small_loses_its_frame_only()
    {
        driver.Add(Receive, new TestBuffer(0x8000, 71, true)); // one byte short
        peer.Arrive(Frame(60), Frame(20));
        Assert.Equal(Header + 20, driver.Complete(Receive));
    }

    [Fact]
    public void A_frame_lies_in_as_many_buffers_as_it_needs_which_the_driver_sees_at_once()
    {
        Restart(MergeableBuffers);
        driver.Add(Receive, new TestBuffer(0x8000, 100, true));
        driver.Add(Receive, new TestBuffer(0x9000, 100, true));
        peer.Arrive(Frame(250));
        TestDriver.Wait(() => peer.Waiting == 1);
        Assert.Equal(0, driver.Memory.Read16(TestDriver.Used(Receive) + 2)); // a third one is needed
        driver.Add(Receive, new TestBuffer(0xA000, 100, true));
        driver.Add(Receive, new TestBuffer(0xB000, 100, true));
        driver.Notify(Receive);
        TestDriver.Wait(() => driver.Memory.Read16(TestDriver.Used(Receive) + 2) == 3);
        Assert.Equal(3, driver.Memory.Read16(0x800A));
        byte[] received = [.. driver.Memory.Bytes.Slice(0x800C, 88), .. driver.Memory.Bytes.Slice(0x9000, 100),
            .. driver.Memory.Bytes.Slice(0xA000, 62)];
        Assert.Equal(Frame(250), received);
        Assert.Equal((100u, 62u), (Length(0), Length(2)));
    }

    [Fact]
    public void Buffers_without_bytes_cannot_hold_the_device_up()
    {
        Restart(MergeableBuffers);
        for (int i = 0; i < 12; i++)
            driver.Add(Receive, new TestBuffer(0x8000, 0, true));
        for (uint i = 0; i < 4; i++)
            driver.Add(Receive, new TestBuffer(0x9000 + 0x100 * i, 20, true));
        peer.Arrive(Frame(60));
        Assert.Equal(12u, driver.Complete(Receive)); // of 72 bytes, the last of 16 buffers
        Assert.Equal(16, driver.Memory.Read16(0x900A));
    }

    [Fact]
    public void What_is_less_than_an_Ethernet_header_is_not_delivered()
    {
        driver.Add(Receive, new TestBuffer(0x8000, 0x600, true));
        peer.Arrive(Frame(13), Frame(14));
        Assert.Equal(Header + 14, driver.Complete(Receive));
    }

    [Fact]
    public void The_link_goes_down_with_the_peer_which_is_told_once()
    {
        driver.Add(Receive, new TestBuffer(0x8000, 0x600, true));
        peer.Failure = "It has ended.";
        peer.Arrive();
        TestDriver.Wait(() => (driver.Get(0x060) & 2) != 0); // the configuration changed
        Assert.Equal(0u, driver.Device.Read(0x106, 2));
        driver.Add(Transmit, new TestBuffer(0x8000, 12 + 60));
        driver.Complete(Transmit); // the guest goes on
        Assert.Equal(["It has ended."], told);
    }

    [Fact]
    public void More_frames_than_are_handled_at_once_all_arrive()
    {
        const int Frames = 300;
        peer.Arrive([.. Enumerable.Range(0, Frames).Select(i => Frame(60 + i))]);
        for (int i = 0; i < Frames; i++)
        {
            driver.Add(Receive, new TestBuffer(0x8000, 0x600, true));
            Assert.Equal(Header + 60 + (uint)i, driver.Complete(Receive));
        }
    }

    private static byte[] Frame(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7 + length))];

    private uint Length(uint element) => driver.Memory.Read32(TestDriver.Used(Receive) + 4 + 8 * element + 4);

    private void Fill(int address, int count, byte first)
    {
        for (int i = 0; i < count; i++)
            driver.Memory.Bytes[address + i] = (byte)(first + i);
    }

    private void Restart(ulong features)
    {
        driver.Dispose();
        driver = Driver(features);
    }

    private TestDriver Driver(ulong features) =>
        new(new VirtioNetwork(peer, [0x52, 0x54, 0, 0x12, 0x34, 0x56], (ushort)Mtu, told.Add), features);
}
