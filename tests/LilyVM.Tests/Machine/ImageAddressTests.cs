using LilyVM.Daemons;
using LilyVM.Tests.Recipes;

namespace LilyVM.Tests.Machine;

/// <summary>Where disk images lie, and what they are.</summary>
public sealed class ImageAddressTests : ScratchTest
{
    [Theory]
    [InlineData("nbd://host", """{"driver":"nbd","server":{"host":"host","type":"inet","port":"10809"}}""")]
    [InlineData("nbd://host:1234/a%20b", """{"driver":"nbd","server":{"host":"host","type":"inet","port":"1234"},"export":"a b"}""")]
    [InlineData("nbd+tcp://[::1]/x", """{"driver":"nbd","server":{"host":"::1","type":"inet","port":"10809"},"export":"x"}""")]
    [InlineData("nbd+unix:///x?socket=/run/s", """{"driver":"nbd","server":{"type":"unix","path":"/run/s"},"export":"x"}""")]
    [InlineData("https://host/a?b=c%20d", """{"driver":"https","url":"https://host/a?b=c%20d"}""")]
    [InlineData("ssh://me@host/dir/disk.img",
        """{"driver":"ssh","server":{"host":"host","port":"22"},"path":"/dir/disk.img","user":"me"}""")]
    [InlineData("nfs://host/dir/disk.img", """{"driver":"nfs","server":{"host":"host","type":"inet"},"path":"/dir/disk.img"}""")]
    [InlineData("iscsi://host:3260/iqn.2001-04.com:disk/1",
        """{"driver":"iscsi","transport":"tcp","portal":"host:3260","target":"iqn.2001-04.com:disk","lun":1}""")]
    [InlineData("""json:{"driver":"null-co","size":512}""", """{"driver":"null-co","size":512}""")]
    [InlineData("disks/a:b,c", """{"driver":"file","filename":"ROOT/disks/a:b,c"}""")]
    public void Addresses_are_nodes_of_the_daemon(string path, string node)
    {
        string here = Path.GetFullPath(".").TrimEnd('/');
        Assert.Equal(node.Replace("ROOT", here, StringComparison.Ordinal), ImageAddress.Node(path).ToJsonString());
    }

    [Theory]
    [InlineData("gopher://host/x")]
    [InlineData("nbd://")]
    [InlineData("nbd+unix:///x")]
    [InlineData("iscsi://host/target")]
    [InlineData("iscsi://host/target/one")]
    [InlineData("json:")]
    [InlineData("json:[1]")]
    public void Others_are_one_sentence(string path) =>
        Assert.StartsWith($"'{path}' is no address of a disk image; there are nbd://, ",
            Assert.Throws<LilyVMException>(() => ImageAddress.Node(path)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a.img", null, false)]
    [InlineData("a.img", "raw", false)]
    [InlineData("/a:b", null, false)]
    [InlineData("a.img", "qcow2", true)]
    [InlineData("a.img", "auto", true)]
    [InlineData("nbd://host", null, true)]
    public void Raw_files_are_ours(string path, string? format, bool isServed) =>
        Assert.Equal(isServed, new DriveOptions(path) { Format = format }.IsServed);

    [Fact]
    public void A_file_of_no_mark_is_raw()
    {
        foreach (string content in (string[])["", "x", new string('x', 4096), "QFI\u00FB"])
            Assert.Equal("raw", ImageFormat.Probe(Scratch.Write("file", content)));
    }
}
