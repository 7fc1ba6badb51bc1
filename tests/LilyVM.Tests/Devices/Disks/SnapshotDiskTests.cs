using System.Globalization;
using System.Text.RegularExpressions;
using LilyVM.Devices.Disks;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Devices.Disks;

public sealed class SnapshotDiskTests : IDisposable
{
    private const int Block = 4096, Chunk = 2 << 20;
    private const long Tebibyte = 1L << 40;

    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(9 * Tebibyte)]
    [InlineData(15 * Tebibyte + 512)]
    public void The_size_of_the_image_is_of_no_matter(long size)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        using SnapshotDisk disk = Open(size);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        byte[] written = [1, 2, 3], read = new byte[3];
        foreach (long offset in (long[])[0, 8 * Tebibyte - 1, 8 * Tebibyte + 5, size - 3])
        {
            disk.Write(offset, written);
            disk.Read(offset, read);
            Assert.Equal(written, read);
        }
        disk.Discard(0, size);
        disk.Read(8 * Tebibyte + 5, read);
        Assert.Equal([0, 0, 0], read);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_discard_gives_space_back_and_shows_the_image_again()
    {
        string image = folder["disk.img"];
        byte[] original = [.. Enumerable.Range(0, 2 * Chunk).Select(i => (byte)(i / Block))];
        File.WriteAllBytes(image, original);
        using var disk = new SnapshotDisk(RawDisk.Open(image, readOnly: true), folder.Path);
        byte[] ones = new byte[2 * Chunk], now = new byte[2 * Chunk];
        Array.Fill(ones, (byte)0xFF);
        disk.Write(0, ones);
        Assert.InRange(SpaceOf(folder.Path), 2 * Chunk, 3 * Chunk);
        disk.Discard(Block + 1, 2 * Chunk - 3 * Block); // whole blocks: 2 to 1021
        disk.Read(0, now);
        Assert.Equal([.. ones[..(2 * Block)], .. original[(2 * Block)..(1022 * Block)], .. ones[(1022 * Block)..]], now);
        disk.Discard(0, 2 * Chunk);
        disk.Read(0, now);
        Assert.Equal(original, now);
        Assert.Equal(0, SpaceOf(folder.Path));
        disk.Write(Chunk, ones.AsSpan(0, Block)); // in a place that another chunk had
        disk.Read(0, now);
        Assert.Equal([.. original[..Chunk], .. ones[..Block], .. original[(Chunk + Block)..]], now);
        Assert.Equal(Block, SpaceOf(folder.Path));
    }

    [Fact]
    public void Zeroes_that_need_no_space_take_none_and_are_zeroes()
    {
        string image = folder["disk.img"];
        byte[] original = new byte[2 * Chunk], now = new byte[2 * Chunk];
        Array.Fill(original, (byte)0xFF);
        File.WriteAllBytes(image, original);
        using var disk = new SnapshotDisk(RawDisk.Open(image, readOnly: true), folder.Path);
        disk.WriteZeroes(0, 2 * Chunk, mayUnmap: true);
        Assert.Equal(0, SpaceOf(folder.Path));
        disk.Read(0, now);
        Assert.False(now.AsSpan().ContainsAnyExcept((byte)0));
        disk.WriteZeroes(0, Chunk, mayUnmap: false);
        Assert.Equal(Chunk, SpaceOf(folder.Path));
        disk.Discard(0, 2 * Chunk);
        disk.Read(0, now);
        Assert.Equal(original, now);
    }

    [Fact]
    public void A_discard_of_a_raw_image_makes_a_hole()
    {
        string image = folder["disk.img"];
        byte[] original = new byte[2 * Chunk];
        Array.Fill(original, (byte)0xFF);
        File.WriteAllBytes(image, original);
        using RawDisk disk = RawDisk.Open(image, readOnly: false);
        disk.Discard(Chunk, Chunk);
        Assert.Equal(Chunk, Blocks(image));
        Assert.Equal(2 * Chunk, new FileInfo(image).Length);
        disk.WriteZeroes(0, Chunk / 2, mayUnmap: true);
        Assert.Equal(Chunk / 2, Blocks(image));
        disk.WriteZeroes(0, Chunk / 2, mayUnmap: false);
        Assert.Equal(Chunk, Blocks(image));
    }

    private SnapshotDisk Open(long size)
    {
        string image = folder["huge.img"];
        using (FileStream file = File.Create(image))
            file.SetLength(size);
        return new SnapshotDisk(RawDisk.Open(image, readOnly: true), folder.Path);
    }

    // Bytes that the nameless file of a snapshot takes.
    private static long SpaceOf(string folder)
    {
        string pattern = $"^{Regex.Escape(folder)}/(#[0-9]+|lilyvm-snapshot-.*) \\(deleted\\)$";
        return Blocks(Directory.GetFiles("/proc/self/fd")
            .First(f => new FileInfo(f).LinkTarget is { } target && Regex.IsMatch(target, pattern)));
    }

    private static long Blocks(string path)
    {
        string ours = path.Replace("/proc/self/", $"/proc/{Environment.ProcessId}/", StringComparison.Ordinal);
        Command.Result result = Command.Run("stat", ["-L", "-c", "%b", ours]);
        return 512 * long.Parse(result.Output, CultureInfo.InvariantCulture);
    }
}
