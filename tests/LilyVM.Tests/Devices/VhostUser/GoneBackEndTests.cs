using LilyVM.Devices.VhostUser;
using LilyVM.Tests.Devices.Virtio;

namespace LilyVM.Tests.Devices.VhostUser;

/// <summary>What drivers of disks and file systems are answered when their back end is gone: errors, to every request.</summary>
public sealed class GoneBackEndTests
{
    private const uint Header = 0x8000, Data = 0x9000, Answer = 0xA000;
    private const byte NoAnswer = 0xEE, BlockError = 1;
    private readonly List<string> told = [];

    [Theory]
    [InlineData(0ul)]
    [InlineData(TestDriver.EventIndex | TestDriver.Indirect)]
    public void Requests_of_a_disk_that_were_in_its_hands_and_later_ones_fail(ulong features)
    {
        using var backEnd = new TestBackEnd { Fill = 0 };
        using TestDriver driver = Drive(backEnd, VhostUserKind.Block, null, features, out VhostUserDevice device);
        for (int i = 0; i < 20; i++) // so that rings go round, and faster than anybody looks
            Assert.Equal(0, Read(driver));
        backEnd.Holds = true;
        uint[] answers = [Answer + 16, Answer + 32, Answer + 48];
        foreach (uint answer in answers)
        {
            driver.Memory.Bytes[(int)answer] = NoAnswer;
            driver.Add(0, new(Header, 16), new(Data, 512, true), new(answer, 1, true));
        }
        driver.Notify(0);
        TestDriver.Wait(() => backEnd.Taken == 23);
        backEnd.Die();
        TestDriver.Wait(() => driver.Memory.Read16(TestDriver.Used(0) + 2) == 23);
        Assert.All(answers, a => Assert.Equal(BlockError, driver.Memory.Bytes[(int)a]));
        Assert.Equal(BlockError, Read(driver));
        driver.Memory.Bytes[(int)Answer] = NoAnswer; // and as the guest's processor tells it, without us
        driver.Add(0, new(Header, 16), new(Data, 512, true), new(Answer, 1, true));
        device.Kicks[0].Signal();
        TestDriver.Wait(() => driver.Memory.Read16(TestDriver.Used(0) + 2) == 25);
        Assert.Equal(BlockError, driver.Memory.Bytes[(int)Answer]);
        Assert.Equal(15u, driver.Get(0x070)); // the device works, if it does nothing well
        Assert.Single(told);

        driver.Set(0x070, 0);
        driver.ForgetQueues();
        driver.Start();
        Assert.Equal(BlockError, Read(driver));
        Assert.Single(told);
    }

    [Fact]
    public void One_that_is_there_and_refuses_to_work_is_hung_up_on()
    {
        using var backEnd = new TestBackEnd
        {
            Instead = r => r == VhostUserRequest.SetVringAddr ? TestBackEnd.Message((uint)r, 5, [1, 0, 0, 0, 0, 0, 0, 0]) : null,
        };
        using TestDriver driver = Drive(backEnd, VhostUserKind.Block, null, 0, out VhostUserDevice device);
        Assert.Equal(["The back end refuses SetVringAddr."], told);
        driver.Memory.Bytes[(int)Answer] = NoAnswer;
        driver.Add(0, new(Header, 16), new(Data, 512, true), new(Answer, 1, true));
        device.Kicks[0].Signal();
        TestDriver.Wait(() => driver.Memory.Read16(TestDriver.Used(0) + 2) == 1);
        Assert.Equal(BlockError, driver.Memory.Bytes[(int)Answer]);
        Assert.Single(told);
    }

    [Fact]
    public void Those_in_its_hands_are_known_in_any_order()
    {
        using TestRam memory = TestRam.OfFile();
        var watch = new VringWatch(memory.Ram, new Vring(0, 8, 0x1000, 0x2000, 0x3000, null!, null!));
        ushort put = 0, done = 0;
        List<ushort> reported = [], mine = [];
        var random = new Random(1);
        for (int round = 0; round < 1000; round++)
        {
            for (int i = random.Next(4); i > 0 && mine.Count < 8; i--)
            {
                ushort head = Enumerable.Range(0, 8).Select(h => (ushort)h).First(h => !mine.Contains(h));
                mine.Add(head);
                memory.Write16(0x2004u + 2u * (uint)(put % 8), head);
                memory.Write16(0x2002, ++put);
            }
            for (int i = random.Next(4); i > 0 && mine.Count > 0; i--)
            {
                ushort head = mine[random.Next(mine.Count)];
                mine.Remove(head);
                memory.Write32(0x3004u + 8u * (uint)(done % 8), head);
                memory.Write16(0x3002, ++done);
                reported.Add(head);
            }
            List<ushort> seen = [];
            watch.Look(seen.Add);
            Assert.Equal(reported, seen);
            reported.Clear();
            Assert.Equal(mine.Order(), watch.InHand().Heads.Order());
        }
    }

    [Fact]
    public void Requests_of_a_file_system_fail_by_their_numbers()
    {
        using var backEnd = new TestBackEnd { Queues = 2 };
        using TestDriver driver = Drive(backEnd, VhostUserKind.FileSystem, VhostUserConfiguration.OfFileSystem("t"), 0, out _);
        backEnd.Die();
        TestDriver.Wait(() => told.Count == 1);
        driver.Memory.Write32(Header + 4, 3); // FUSE_GETATTR
        driver.Memory.Write64(Header + 8, 0x1122334455667788);
        driver.Add(1, new(Header, 40), new(Answer, 4, true), new(Answer + 64, 200, true)); // the answer's header lies in two pieces
        Assert.Equal(16u, driver.Complete(1));
        Assert.Equal(16u, driver.Memory.Read32(Answer));
        Assert.Equal((unchecked((uint)-5), 0x55667788u, 0x11223344u),
            (driver.Memory.Read32(Answer + 64), driver.Memory.Read32(Answer + 68), driver.Memory.Read32(Answer + 72)));

        driver.Memory.Write32(Header + 4, 2); // FUSE_FORGET
        driver.Add(0, new TestBuffer(Header, 40));
        Assert.Equal(0u, driver.Complete(0));
        driver.Add(1, new(Header, 8), new(Answer, 64, true)); // no request at all
        Assert.Equal(0u, driver.Complete(1));
        Assert.Null(driver.Device.Fault);
    }

    [Fact]
    public void A_refusal_of_a_disk_s_back_end_is_seen()
    {
        int refused = 0;
        using var backEnd = new TestBackEnd { Fill = BlockError };
        using TestDriver driver = Drive(backEnd, VhostUserKind.Block, null, 0, out _, () => Interlocked.Increment(ref refused));
        Assert.Equal(BlockError, Read(driver));
        TestDriver.Wait(() => driver.Line.Level); // of which the driver hears afterwards
        Assert.Equal(1, refused);
    }

    [Fact]
    public void A_driver_that_writes_nonsense_into_its_rings_harms_itself_only()
    {
        using var backEnd = new TestBackEnd();
        using TestDriver driver = Drive(backEnd, VhostUserKind.Block, null, 0, out _, () => { });
        backEnd.Holds = true;
        for (ushort i = 0; i < 16; i++)
            driver.Memory.Write16(TestDriver.Available(0) + 4u + 2u * i, (ushort)(0xFFF0 + i)); // heads that are none
        driver.Memory.Write16(TestDriver.Available(0) + 2, 0x8000);
        driver.Notify(0);
        backEnd.Die();
        TestDriver.Wait(() => told.Count == 1);
        driver.Notify(0);
        Assert.Contains("available index that runs", driver.NeedsReset(), StringComparison.Ordinal);
    }

    // The status of a read of one sector.
    private static byte Read(TestDriver driver)
    {
        driver.Memory.Bytes[(int)Answer] = NoAnswer;
        driver.Add(0, new(Header, 16), new(Data, 512, true), new(Answer, 1, true));
        driver.Complete(0);
        return driver.Memory.Bytes[(int)Answer];
    }

    private TestDriver Drive(
        TestBackEnd backEnd, VhostUserKind kind, byte[]? configuration, ulong features, out VhostUserDevice device, Action? refused = null)
    {
        VhostUserDevice? made = null;
        var driver = new TestDriver(TestRam.OfFile(), ram => made = new VhostUserDevice(
            VhostUserConnector.Connect(backEnd.Path), "The back end", kind, configuration, ram, told.Add) { Refused = refused }, features);
        device = made!;
        return driver;
    }
}
