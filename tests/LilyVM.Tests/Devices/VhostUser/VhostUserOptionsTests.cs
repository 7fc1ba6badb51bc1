using LilyVM.Devices.VhostUser;
using LilyVM.Tests.Devices.Virtio;

namespace LilyVM.Tests.Devices.VhostUser;

/// <summary>What a device of another process's can be, and what is said of the rest.</summary>
public sealed class VhostUserOptionsTests
{
    public static TheoryData<VhostUserOptions, string> Wrong =>
    [
        (new("", "rng"), "A vhost-user device has no socket; add socket=PATH."),
        (new("s", "disk"), "'disk' is no type of vhost-user device; give one of fs, blk, net, rng, vsock, or the number of a virtio " +
            "device type, 1 to 63."),
        (new("s", "0"), "'0' is no type of vhost-user device; give one of fs, blk, net, rng, vsock, or the number of a virtio " +
            "device type, 1 to 63."),
        (new("s", "rng") { Queues = 1 }, "A vhost-user device of type rng has 1 queues; leave out queues."),
        (new("s", "42") { Queues = 5 }, "A vhost-user device has 1 to 4 queues, not 5."),
        (new("s", "rng") { Tag = "t" }, "Only a vhost-user device of type fs has a tag; leave it out."),
        (new("s", "fs"), "A file system has no tag by which the guest could mount it; add tag=NAME."),
        (new("s", "fs") { Tag = new string('x', 37) }, $"'{new string('x', 37)}' is no tag of a file system; give one of 1 to 36 bytes."),
        (new("s", "rng") { Mac = "52:54:00:12:34:57" }, "Only a vhost-user device of type net has a mac; leave it out."),
        (new("s", "net") { Mac = "53:54:00:12:34:56" },
            "'53:54:00:12:34:56' is no address of a network card; give one such as 52:54:00:12:34:56."),
        (new("s", "net") { Mac = "52:54:00:12:34" },
            "'52:54:00:12:34' is no address of a network card; give one such as 52:54:00:12:34:56."),
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Options_that_make_no_device_are_refused(VhostUserOptions options, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<LilyVMException>(() => VhostUserConnector.Check(options)).Message);

    [Fact]
    public void A_back_end_that_is_not_there_is_named()
    {
        using TestRam memory = TestRam.OfFile();
        string Refusal(string path) =>
            Assert.Throws<LilyVMException>(() => VhostUserConnector.Open(new VhostUserOptions(path, "rng"), memory.Ram, null)).Message;
        Assert.Equal("No vhost-user back end listens on /none/socket: there is no such socket; start the back end first.",
            Refusal("/none/socket"));
        Assert.Equal("No vhost-user back end listens on /dev/null: nobody accepts connections there; start the back end first.",
            Refusal("/dev/null"));
        Assert.Contains("at most 107 bytes", Refusal("/" + new string('x', 200)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_system_tells_its_tag_and_a_network_card_its_address()
    {
        byte[] tag = VhostUserConfiguration.OfFileSystem("work");
        Assert.Equal([.. "work"u8, .. new byte[32], 1, 0, 0, 0], tag);
        Assert.Equal([0x52, 0x54, 0, 0x12, 0x34, 0x56, 1, 0, 1, 0], VhostUserConfiguration.OfNetwork(null));
        Assert.Equal(0x57, VhostUserConfiguration.OfNetwork("52:54:00:12:34:57")[5]);
    }
}
