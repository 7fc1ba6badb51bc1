using LilyVM.Devices.Disks;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Devices.Disks;

public sealed class ImageFileTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_cannot_hold_a_disk_is_refused_without_opening_it()
    {
        Assert.Equal("A drive was given without a path; name its disk image.", Refusal(""));
        Assert.Equal($"Cannot open the disk image {folder.Path}: it is a directory.", Refusal(folder.Path));
        Assert.Equal("Cannot open the disk image /dev/null: it is neither a file nor a block device.", Refusal("/dev/null"));
        Assert.Equal(0, Command.Run("mkfifo", [folder["fifo"]]).Status);
        Assert.Equal($"Cannot open the disk image {folder["fifo"]}: it is neither a file nor a block device.", Refusal(folder["fifo"]));
        Assert.Equal($"The disk image {folder.Write("empty", "")} has 0 bytes: give it a size with truncate -s.", Refusal(folder["empty"]));
        Assert.StartsWith($"The disk image {folder.Write("odd", "x")} has 1 bytes, which is not", Refusal(folder["odd"]),
            StringComparison.Ordinal);
        ImageFile.Check(folder.Write("disk.img", new string('x', 512)));
        ImageFile.Check(folder["none"]); // opening it will tell
    }

    [Fact]
    public void A_file_is_the_same_by_any_name()
    {
        string image = folder.Write("disk.img", "x"), other = folder.Write("other.img", "x");
        File.CreateSymbolicLink(folder["symbolic"], image);
        Assert.Equal(0, Command.Run("ln", [image, folder["hard"]]).Status);
        foreach (string name in (string[])[image, folder["./disk.img"], folder["symbolic"], folder["hard"]])
            Assert.True(ImageFile.AreSame(image, name), name);
        foreach (string name in (string[])[other, folder["none"]])
            Assert.False(ImageFile.AreSame(image, name), name);
        Assert.False(ImageFile.AreSame(folder["none"], folder["none"]));
    }

    private static string Refusal(string path) => Assert.Throws<LilyVMException>(() => ImageFile.Check(path)).Message;
}
