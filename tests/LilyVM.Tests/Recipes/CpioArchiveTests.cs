using LilyVM.Cli.Guests;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Recipes;

public sealed class CpioArchiveTests : IDisposable
{
    private readonly ScratchFolder scratch = new();

    [Fact]
    public void Cpio_reads_what_we_write()
    {
        string archive = scratch["a.cpio"];
        File.WriteAllBytes(archive, Archive());
        Command.Result listing = Command.Run("cpio", ["--list", "--verbose", "--numeric-uid-gid", "--file", archive]);
        Assert.Equal(0, listing.Status);
        string[] lines = listing.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Collection(
            lines,
            l => Assert.Matches("^drwxr-xr-x .* 0 +0 .* Jan  1  1970 bin$", l),
            l => Assert.Matches("^-rwxr-xr-x .* 0 +0 +5 .* bin/program$", l),
            l => Assert.Matches("^-rw-r--r-- .* 0 +0 +0 .* bin/empty$", l),
            l => Assert.Matches("^lrwxrwxrwx .* bin/sh -> program$", l),
            l => Assert.Matches("^crw------- .* 5, +1 .* console$", l));

        Directory.CreateDirectory(scratch["out"]);
        Command.Result extracted = Command.Run("cpio", ["--extract", "--quiet", "--file", archive, "bin*"], directory: scratch["out"]);
        Assert.True(extracted.Status == 0, extracted.Error);
        Assert.Equal("12345", File.ReadAllText(scratch["out/bin/program"]));
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes() => Assert.Equal(Archive(), Archive());

    [Fact]
    public void Every_part_is_aligned_to_four_bytes() => Assert.Equal(0, Archive().Length % 4);

    public void Dispose() => scratch.Dispose();

    private static byte[] Archive() => CpioArchive.Make(archive =>
    {
        archive.AddFolder("bin");
        archive.AddFile("bin/program", "12345"u8, executable: true);
        archive.AddFile("bin/empty", [], executable: false);
        archive.AddLink("bin/sh", "program");
        archive.AddCharacterDevice("console", 5, 1);
    });
}
