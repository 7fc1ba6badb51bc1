using LilyVM.Devices.VhostUser;
using LilyVM.Memory;
using LilyVM.Tests.Devices.Virtio;
using static LilyVM.Devices.VhostUser.VhostUserRequest;

namespace LilyVM.Tests.Devices.VhostUser;

/// <summary>The front end, between a driver and a back end that do what they should, and others.</summary>
public sealed class VhostUserDeviceTests
{
    private readonly List<string> told = [];

    [Theory]
    [InlineData(0ul)]
    [InlineData(TestDriver.EventIndex | TestDriver.Indirect)]
    public void Requests_go_to_the_back_end_and_come_back_by_interrupt(ulong features)
    {
        using var backEnd = new TestBackEnd();
        using TestDriver driver = Drive(backEnd, features);
        for (int i = 1; i <= 40; i++)
        {
            driver.Memory.Write16(TestDriver.Available(0) + 4 + 2 * TestDriver.QueueSize, (ushort)(i - 1)); // used_event (2.7.10)
            driver.Add(0, new TestBuffer(0x8000, 64, true));
            Assert.Equal(64u, driver.Complete(0));
            TestDriver.Wait(() => driver.Line.Level);
            Assert.Equal(1u, driver.Get(0x060));
            driver.Set(0x064, 1);
        }
        Assert.DoesNotContain(driver.Memory.Bytes.Slice(0x8000, 64).ToArray(), b => b != TestBackEnd.Pattern);
        Assert.Equal(features | TestDriver.Version1 | TestBackEnd.HasProtocol, backEnd.Accepted);
        Assert.Empty(told);
    }

    [Fact]
    public void The_protocol_runs_in_its_order_and_again_after_a_reset()
    {
        using var backEnd = new TestBackEnd();
        using TestDriver driver = Drive(backEnd);
        VhostUserRequest[] first = [GetFeatures, SetOwner, GetProtocolFeatures, SetProtocolFeatures, GetQueueNum, GetConfig];
        VhostUserRequest[] start =
            [SetFeatures, SetMemTable, SetVringNum, SetVringBase, SetVringAddr, SetVringCall, SetVringKick, SetVringEnable];
        Assert.Equal([.. first, .. start], backEnd.Requests);
        driver.Set(0x070, 0);
        Assert.Equal([.. first, .. start, GetVringBase], backEnd.Requests);
        driver.Start();
        Assert.Equal([.. first, .. start, GetVringBase, .. start], backEnd.Requests);
        Assert.Empty(told);
    }

    [Fact]
    public void A_back_end_without_extensions_works_too()
    {
        using var backEnd = new TestBackEnd { Features = TestBackEnd.Version1 };
        using TestDriver driver = Drive(backEnd, start: false);
        driver.Start();
        TestDriver.Wait(() => backEnd.Requests.Contains(SetVringKick));
        Assert.DoesNotContain(SetVringEnable, backEnd.Requests);
        Assert.DoesNotContain(GetProtocolFeatures, backEnd.Requests);
        Assert.Empty(told);
    }

    [Fact]
    public void The_driver_is_offered_what_back_end_and_front_end_know()
    {
        using var backEnd = new TestBackEnd { Features = ulong.MaxValue };
        using TestDriver driver = Drive(backEnd, start: false);
        Assert.Equal(0x30FF_FFFFu, driver.Get(0x010)); // neither a log nor the protocol's own bit
        driver.Set(0x014, 1);
        Assert.Equal(1u, driver.Get(0x010)); // no packed queues, no reset of queues
        driver.Negotiate(TestDriver.Version1 | 1UL << 40);
        Assert.Equal(3u, driver.Get(0x070));
    }

    [Fact]
    public void The_configuration_space_is_the_back_end_s()
    {
        using var backEnd = new TestBackEnd { Configuration = [.. Enumerable.Range(0, 256).Select(i => (byte)i)] };
        using TestDriver driver = Drive(backEnd, kind: VhostUserKind.Block);
        Assert.Equal(0x03020100u, driver.Get(0x100));
        Assert.Equal(0x3Bu, driver.Device.Read(0x13B, 1));
        Assert.Equal(0xFFu, driver.Device.Read(0x13C, 1)); // a disk's has 60 bytes
        driver.Device.Write(0x120, 1, 0);
        Assert.Equal((32u, (byte)0), backEnd.Written);
        Assert.Equal(0u, driver.Device.Read(0x120, 1));
        int asked = backEnd.Requests.Count;
        driver.Device.Write(0x100, 4, 0); // which no driver may write
        Assert.Equal((0x03020100u, asked), (driver.Get(0x100), backEnd.Requests.Count));
    }

    [Fact]
    public void Its_end_is_told_the_user_and_the_driver_once()
    {
        using var backEnd = new TestBackEnd();
        using TestDriver driver = Drive(backEnd);
        backEnd.Die();
        TestDriver.Wait(() => (driver.Get(0x070) & 0x40) != 0);
        Assert.True(driver.Line.Level);
        Assert.Equal(2u, driver.Get(0x060)); // the configuration "changed" (virtio 1.2, 2.1.2)
        Assert.Equal(["The back end has ended; the guest cannot use its device any more."], told);
        driver.Set(0x070, 0);
        driver.Start(); // a driver that tries again sees that it needs a reset still
        Assert.Equal(0x4Fu, driver.Get(0x070));
        Assert.Single(told);
    }

    [Fact]
    public void The_end_of_the_machine_is_no_end_of_the_back_end()
    {
        using var backEnd = new TestBackEnd();
        Drive(backEnd).Dispose();
        Assert.Empty(told);
    }

    public static TheoryData<uint, string, byte[]> Nonsense =>
    [
        ((uint)GetFeatures, "answers GetFeatures with 4 bytes for 8", TestBackEnd.Message(1, 5, 0, 0, 0, 0)),
        ((uint)GetFeatures, "answers GetFeatures with 4294967295 bytes for 8", [1, 0, 0, 0, 5, 0, 0, 0, 255, 255, 255, 255]),
        ((uint)GetFeatures, "answers GetFeatures with what is no answer to it (request 2, flags 0x5)",
            TestBackEnd.Message(2, 5, new byte[8])),
        ((uint)GetFeatures, "answers GetFeatures with what is no answer to it (request 1, flags 0x1)",
            TestBackEnd.Message(1, 1, new byte[8])),
        ((uint)GetFeatures, "answers GetFeatures with what is no answer to it (request 1, flags 0x6)",
            TestBackEnd.Message(1, 6, new byte[8])),
        ((uint)GetFeatures, "serves legacy drivers only (it has no VIRTIO_F_VERSION_1)", TestBackEnd.Message(1, 5, new byte[8])),
        ((uint)GetFeatures, "does not answer", []),
        ((uint)GetFeatures, "does not answer", [1, 0, 0]),
        ((uint)GetQueueNum, "has 0 queues, too few for this type of device, which has 1", TestBackEnd.Message(17, 5, new byte[8])),
        ((uint)GetConfig, "answers GetConfig with 12 bytes for 268", TestBackEnd.Message(24, 5, new byte[12])),
        ((uint)GetConfig, "answers GetConfig with what is no answer to it (request 1347703880, flags 0x312e312f)",
            "HTTP/1.1 400"u8.ToArray()),
    ];

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void What_is_no_answer_is_refused_before_the_guest_starts(uint request, string sentence, byte[] answer)
    {
        using var backEnd = new TestBackEnd { Instead = r => (uint)r == request ? answer : null };
        var e = Assert.Throws<LilyVMException>(() => Drive(backEnd, start: false, patience: TimeSpan.FromMilliseconds(300)));
        Assert.Equal($"The back end {sentence}.", e.Message);
    }

    [Theory]
    [InlineData((int)SetMemTable)]
    [InlineData((int)SetVringAddr)]
    [InlineData((int)SetVringEnable)]
    public void What_is_refused_later_breaks_the_device_only(int request)
    {
        using var backEnd = new TestBackEnd
        {
            Instead = r => (int)r == request ? TestBackEnd.Message((uint)request, 5, [1, 0, 0, 0, 0, 0, 0, 0]) : null,
        };
        using TestDriver driver = Drive(backEnd);
        Assert.Equal([$"The back end refuses {(VhostUserRequest)request}."], told);
        Assert.Equal(0x4Fu, driver.Get(0x070));
    }

    [Fact]
    public void Queues_that_a_driver_gets_wrong_never_reach_the_back_end()
    {
        using var backEnd = new TestBackEnd();
        using TestDriver driver = Drive(backEnd, start: false);
        driver.Negotiate(TestDriver.Version1);
        driver.SetUpQueue(0);
        driver.Set(0x044, 0);
        driver.Set(0x080, 0x3_FF10); // its end lies outside RAM
        driver.Set(0x044, 1);
        driver.Set(0x070, 15);
        Assert.DoesNotContain(SetVringAddr, backEnd.Requests);
        Assert.Contains("outside RAM", driver.Device.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_that_no_other_process_can_have_is_refused()
    {
        using var backEnd = new TestBackEnd();
        using var memory = new TestRam();
        Assert.Throws<LilyVMException>(() => Open(backEnd, memory.Ram, Generic, null));
    }

    private static VhostUserKind Generic => VhostUserKind.Parse("42", null);

    private TestDriver Drive(
        TestBackEnd backEnd, ulong features = 0, bool start = true, VhostUserKind? kind = null, TimeSpan? patience = null)
    {
        TestRam memory = TestRam.OfFile();
        try
        {
            return new TestDriver(memory, ram => Open(backEnd, ram, kind ?? Generic, patience), features, start);
        }
        catch (LilyVMException)
        {
            memory.Dispose();
            throw;
        }
    }

    private VhostUserDevice Open(TestBackEnd backEnd, GuestRam ram, VhostUserKind kind, TimeSpan? patience) =>
        new(VhostUserConnector.Connect(backEnd.Path), "The back end", kind, null, ram, told.Add, patience);
}
