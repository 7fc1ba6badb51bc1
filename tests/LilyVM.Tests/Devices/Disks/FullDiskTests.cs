using System.Runtime.InteropServices;
using LilyVM.Devices.Disks;
using LilyVM.Devices.Virtio;
using LilyVM.Tests.Devices.Virtio;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Devices.Disks;

/// <summary>Hosts that have no room for what a guest writes: the guest gets its errors, the user a sentence for each image.</summary>
public sealed partial class FullDiskTests : IDisposable
{
    private const uint Out = 1, In = 0, WriteZeroes = 13, Data = 0x8000, Block = 4096;
    private const byte Ok = 0, IoError = 1;
    private const int ImageSize = 16 << 20;

    private readonly ScratchFolder folder = new();
    private readonly List<string> told = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_image_on_a_full_disk_is_told_once_and_the_rest_goes_on()
    {
        using var small = new SmallFileSystem(1024);
        string image = Sparse(small["disk.img"]);
        using (var driver = new TestDriver(VirtioBlock.Open(image, readOnly: false, snapshot: false, told.Add)))
        {
            int written = Fill(driver);
            Assert.InRange(written, 1, 256);
            Assert.Equal(IoError, Write(driver, written + 1));
            Assert.Equal(IoError, VirtioBlockTests.Ranges(driver, WriteZeroes, (0x6000, 8, 0)));
            Assert.Equal([$"Cannot write the disk image {image}: No space left on device; the guest gets I/O errors until " +
                "there is room."], told);
            Assert.Equal(Ok, Write(driver, 0)); // has its place
            Assert.Equal(Ok, VirtioBlockTests.Request(driver, In, 0, new TestBuffer(Data, Block, true)));
            Assert.Equal(Ok, VirtioBlockTests.Ranges(driver, WriteZeroes, (8, 8, 1))); // gives some back
            Assert.Equal(Ok, Write(driver, written));
            Assert.Single(told);
        }
    }

    [Fact]
    public void A_snapshot_in_a_full_folder_is_told_once_and_a_discard_makes_room()
    {
        using var small = new SmallFileSystem(1024);
        string image = Sparse(folder["disk.img"]);
        using (var driver = new TestDriver(new VirtioBlock(new SnapshotDisk(RawDisk.Open(image, readOnly: true), small.Path), "d",
            told.Add)))
        {
            int written = Fill(driver);
            Assert.InRange(written, 1, 256);
            Assert.Equal(IoError, Write(driver, written + 1));
            const string NoRoom =
                "No space left on device; the guest gets I/O errors until there is room (TMPDIR can name another folder).";
            Assert.Equal([$"Cannot write the changes to the disk image {image} in {small.Path}: {NoRoom}"], told);
            driver.Memory.Bytes.Slice((int)Data, (int)Block).Fill(7);
            Assert.Equal(Ok, VirtioBlockTests.Request(driver, In, 0, new TestBuffer(Data, Block, true)));
            Assert.Equal(1, driver.Memory.Bytes[(int)Data]);
            Assert.Equal(Ok, VirtioBlockTests.Ranges(driver, 11, (0, 16, 0)));
            Assert.Equal(Ok, Write(driver, written));
            Assert.Single(told);
        }
        Assert.False(File.ReadAllBytes(image).AsSpan().ContainsAnyExcept((byte)0));
    }

    // A limit that no other test of this process reaches.
    [Fact]
    public void A_limit_of_file_sizes_is_an_error_and_not_the_end_of_the_process()
    {
        const long Limit = 1L << 40;
        string image = folder["disk.img"];
        using (FileStream file = File.Create(image))
            file.SetLength(2 * Limit);
        Assert.Equal(0, GetLimit(FileSize, out Limits before));
        using (var driver = new TestDriver(VirtioBlock.Open(image, readOnly: false, snapshot: false, told.Add)))
        {
            Assert.Equal(0, SetLimit(FileSize, before with { Soft = Limit }));
            try
            {
                Assert.Equal(Ok, Write(driver, 0));
                Assert.Equal(IoError, Write(driver, Limit / Block));
                Assert.Equal([$"Cannot write the disk image {image}: File too large (ulimit -f); the guest gets I/O errors."], told);
            }
            finally
            {
                Assert.Equal(0, SetLimit(FileSize, before));
            }
            Assert.Equal(Ok, Write(driver, Limit / Block));
        }
    }

    private static string Sparse(string path)
    {
        using FileStream file = File.Create(path);
        file.SetLength(ImageSize);
        return path;
    }

    // Gives the number of the block that failed.
    private static int Fill(TestDriver driver)
    {
        for (int block = 0; block < ImageSize / Block; block++)
        {
            if (Write(driver, block) == IoError)
                return block;
        }
        Assert.Fail("The file system is larger than it was to be.");
        return 0;
    }

    private static int Write(TestDriver driver, long block)
    {
        driver.Memory.Bytes.Slice((int)Data, (int)Block).Fill(1);
        return VirtioBlockTests.Request(driver, Out, (ulong)block * 8, new TestBuffer(Data, Block));
    }

    private const int FileSize = 1; // RLIMIT_FSIZE

    private record struct Limits(long Soft, long Hard);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limits limits);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limits limits);
}
