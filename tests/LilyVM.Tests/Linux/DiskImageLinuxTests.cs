using System.Diagnostics;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Linux;

/// <summary>
/// Disk images that are not raw, in the prepared x86-64 Linux, by the real command and Debian's qemu-storage-daemon; qemu-img makes them
/// and tells what is in them afterwards.
/// </summary>
public sealed class DiskImageLinuxTests : ScratchTest
{
    private const int Kill = 9;
    private const string Size = "64M";

    // 3 MiB of x behind 1 MiB of what was there.
    private const string WriteX =
        "tr '\\0' x </dev/zero | dd of=/dev/vda bs=1M seek=1 count=3 iflag=fullblock conv=fsync 2>/dev/null && echo written";

    // built, so that the command need not
    public DiskImageLinuxTests(X64LinuxFixture linux) => Assert.True(File.Exists(linux.Files.Kernel));

    [Theory]
    [InlineData("qcow2", "qcow2")]
    [InlineData("qcow2", "auto")]
    [InlineData("vmdk", "auto")]
    [InlineData("vdi", "auto")]
    [InlineData("vhdx", "auto")]
    [InlineData("vpc", "auto")]
    [InlineData("qed", "qed")]
    [InlineData("raw", "auto")]
    public void What_the_guest_writes_is_in_the_image(string format, string given)
    {
        string image = Create(format);
        Assert.Equal("written\n", Run($"file={image},format={given}", WriteX));
        AssertHoldsX(image, format);
    }

    [Fact]
    public void Backing_files_compression_and_encryption_are_what_QEMU_has()
    {
        string source = Scratch.Write("source", new string('y', 1 << 20)), packed = Scratch["packed"], overlay = Scratch["overlay"];
        Image("convert", "-c", "-f", "raw", "-O", "qcow2", source, packed);
        Image("resize", "-q", packed, Size);
        Image("create", "-q", "-f", "qcow2", "-b", packed, "-F", "qcow2", overlay);
        Assert.Equal("yyyy\nwritten\n", Run($"file={overlay},format=qcow2", "head -c 4 /dev/vda; echo; " + WriteX));
        Assert.Equal(new string('y', 1 << 20), Content(overlay, "qcow2")[..(1 << 20)]);

        string key = Scratch.Write("key", "a passphrase"), secret = Scratch["secret"];
        Image("create", "-q", "--object", $"secret,id=k,file={key}", "-f", "qcow2", "-o",
            "encrypt.format=luks,encrypt.key-secret=k,encrypt.iter-time=10", secret, Size);
        Assert.Equal("written\n", Run($"file={secret},format=qcow2,keyfile={key}", WriteX));
        Assert.Equal("xxxx\n", Run($"file={secret},format=qcow2,keyfile={key},readonly=on",
            "dd if=/dev/vda bs=1M skip=2 count=1 2>/dev/null | head -c 4; echo"));
        Assert.Contains("key-secret' is required", Refusal($"file={secret},format=qcow2"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_of_9_TiB_changes_nothing_and_discards_give_space_back()
    {
        string image = Create("qcow2", "9T");
        byte[] before = File.ReadAllBytes(image);
        using var small = new SmallFileSystem(kibibytes: 64 << 10);
        // Of 4 times 40 MiB all must fit at once, were they not given back.
        Command.Result result = Lilyvm.Run("", Boot($"file={image},format=qcow2,snapshot=on", """
            cat /sys/block/vda/size
            for i in 1 2 3 4; do
                tr '\0' $i </dev/zero | dd of=/dev/vda bs=1M seek=${i}000000 count=40 iflag=fullblock conv=fsync 2>/dev/null || echo full
                dd if=/dev/vda bs=1M skip=${i}000000 count=1 2>/dev/null | head -c 1
                blkdiscard -o ${i}048576000000 -l 41943040 /dev/vda || echo refused
            done
            """.Replace("${i}048576000000", "$((i * 1000000 * 1048576))", StringComparison.Ordinal)), ("TMPDIR", small.Path));
        Assert.Equal((0, "19327352832\n1234", ""), (result.Status, result.Output, result.Error));
        Assert.Equal(before, File.ReadAllBytes(image));
        Assert.Empty(Directory.GetFileSystemEntries(small.Path));
    }

    [Theory]
    [InlineData(false, "the disk image IMAGE")]
    [InlineData(true, "the changes to IMAGE in FOLDER")]
    public void A_full_disk_is_told_once_while_the_guest_goes_on(bool isSnapshot, string what)
    {
        using var small = new SmallFileSystem(kibibytes: 4096);
        string image = isSnapshot ? Create("qcow2") : small["image"];
        if (!isSnapshot)
            Image("create", "-q", "-f", "qcow2", image, Size);
        Command.Result result = Lilyvm.Run("", Boot($"file={image},format=qcow2,snapshot={(isSnapshot ? "on" : "off")}",
            "tr '\\0' x </dev/zero | dd of=/dev/vda bs=64k count=200 iflag=fullblock conv=fsync 2>/dev/null && echo written\necho goes on"),
            ("TMPDIR", isSnapshot ? small.Path : Path.GetTempPath()));
        Assert.Equal((0, "goes on\n"), (result.Status, result.Output));
        string named = what.Replace("IMAGE", image, StringComparison.Ordinal).Replace("FOLDER", small.Path, StringComparison.Ordinal);
        Assert.Equal(
            $"lilyvm: The host refused {named} something: No space left on device; the guest gets I/O errors until there is room.\n",
            result.Error);
    }

    [Fact]
    public void An_image_may_lie_behind_a_URL_of_QEMU_s()
    {
        string image = Create("raw"), socket = Scratch["nbd"];
        using Process server = Process.Start(new ProcessStartInfo("timeout", ["60", "qemu-nbd", "-f", "raw", "-k", socket, image]))!;
        using var end = new ProcessEnd(server);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(socket), TimeSpan.FromSeconds(30)));
        Assert.Equal("written\n", Run($"nbd+unix:///?socket={socket}", WriteX));
        server.WaitForExit();
        AssertHoldsX(image, "raw");
        string json = $$"""json:{"driver": "file",, "filename": "{{image}}"}""";
        Assert.Equal("xxxx\n", Run($"file={json},readonly=on", "dd if=/dev/vda bs=1M skip=2 count=1 2>/dev/null | head -c 4; echo"));
    }

    [Fact]
    public void What_cannot_be_opened_is_one_sentence()
    {
        string image = Create("raw");
        Assert.Equal($"Cannot open the disk image {image}: Image is not in qcow2 format.", Refusal($"file={image},format=qcow2"));
        Assert.StartsWith("Cannot open the disk image nbd+unix:///?socket=/none: Failed to connect to '/none': No such file or directory",
            Refusal("nbd+unix:///?socket=/none"), StringComparison.Ordinal);
        Assert.Equal($"The drives {image} and {image} are the same image: make both read-only or snapshots, or give each its own.",
            Refusal($"file={image},format=qcow2", "--drive", image));
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetTempPath(), $"lilyvm-{Environment.ProcessId}"));
    }

    [Fact]
    public void The_end_of_its_daemon_is_an_I_O_error_and_a_sentence()
    {
        string image = Create("qcow2");
        using Process machine = Start($"file={image},format=qcow2", """
            echo begun
            while dd if=/dev/vda of=/dev/null bs=64k iflag=direct 2>/dev/null; do :; done
            dd if=/dev/vda of=/dev/null bs=512 count=1 iflag=direct 2>&1 | grep -o 'Input/output error'
            echo goes on
            """);
        using var end = new ProcessEnd(machine);
        Assert.Equal("begun", machine.StandardOutput.ReadLine());
        Lilyvm.Signal(Daemon(machine), Kill);
        Assert.Equal("Input/output error\ngoes on\n", machine.StandardOutput.ReadToEnd());
        Assert.Equal($"lilyvm: qemu-storage-daemon for {image} has ended; the guest cannot use its device any more.\n",
            machine.StandardError.ReadToEnd());
        Assert.Equal(0, machine.WaitForEnd());
    }

    [Fact]
    public void Kill_leaves_no_daemon_and_an_image_that_is_whole()
    {
        string image = Create("qcow2");
        using Process machine = Start($"file={image},format=qcow2",
            "while dd if=/dev/urandom of=/dev/vda bs=64k count=256 conv=fsync 2>/dev/null; do echo round; done");
        using var end = new ProcessEnd(machine);
        Assert.Equal("round", machine.StandardOutput.ReadLine());
        List<int> children = Lilyvm.Stubs(machine.Id);
        Assert.Contains(Daemon(machine), children);
        Lilyvm.Signal(machine.Id, Kill);
        machine.WaitForEnd();
        Lilyvm.WaitUntilGone(children);
        Image("check", "-q", image);
    }

    private static int Daemon(Process machine) => Lilyvm.Stubs(machine.Id).Single(
        c => File.ReadAllText($"/proc/{c}/comm").StartsWith("qemu-storage", StringComparison.Ordinal));

    private static void Image(params string[] arguments)
    {
        Command.Result result = Command.Run("qemu-img", arguments);
        Assert.True(result.Status == 0, result.Output + result.Error);
    }

    private string Create(string format, string size = Size)
    {
        string image = Scratch["disk." + format];
        Image("create", "-q", "-f", format, image, size);
        return image;
    }

    private string Content(string image, string format)
    {
        string raw = Scratch[Guid.NewGuid().ToString("N")];
        Image("convert", "-f", format, "-O", "raw", image, raw);
        return File.ReadAllText(raw, System.Text.Encoding.Latin1);
    }

    private void AssertHoldsX(string image, string format)
    {
        const int MiB = 1 << 20;
        string content = Content(image, format);
        Assert.Equal(-1, content.AsSpan(0, MiB).IndexOfAnyExcept('\0'));
        Assert.Equal(-1, content.AsSpan(MiB, 3 * MiB).IndexOfAnyExcept('x'));
        Assert.Equal(-1, content.AsSpan(4 * MiB).IndexOfAnyExcept('\0'));
    }

    private string Run(string drive, string script)
    {
        Command.Result result = Lilyvm.Run("", Boot(drive, script));
        Assert.Equal((0, ""), (result.Status, result.Error));
        return result.Output;
    }

    private string Refusal(string drive, params string[] more)
    {
        Command.Result result = Lilyvm.Run("", [.. Boot(drive, ""), .. more]);
        Assert.Equal((1, ""), (result.Status, result.Output));
        return result.Error["lilyvm: ".Length..].TrimEnd('\n');
    }

    private Process Start(string drive, string script)
    {
        string[] line = Lilyvm.CommandLine(Boot(drive, script));
        return Process.Start(new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    private string[] Boot(string drive, string script) =>
    [
        "boot", "--append", "lilyvm.root=", "--drive", drive, "--script",
        Scratch.Write(Guid.NewGuid().ToString("N"), "#!/bin/sh\n" + script + "\n"),
    ];
}
