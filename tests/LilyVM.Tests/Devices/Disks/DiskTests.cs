using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using CsCheck;
using LilyVM.Devices.Disks;
using LilyVM.Devices.Virtio;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Tests.Devices.Disks;

public sealed partial class DiskTests : IDisposable
{
    private const int Size = 5 * 4096 + 512; // the last block of a snapshot is a part of one

    private static readonly Gen<(int Kind, int Offset, int Length, byte Value)[]> Steps =
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, Size - 1], Gen.Int[0, 3 * 4096], Gen.Byte).Array[1, 30];

    private readonly ScratchFolder folder = new();
    private readonly string image;

    public DiskTests()
    {
        image = folder["disk.img"];
        byte[] bytes = new byte[Size];
        for (int i = 0; i < Size; i++)
            bytes[i] = (byte)(i / 7);
        File.WriteAllBytes(image, bytes);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_order_of_reads_and_writes_is_that_of_an_array(bool snapshot)
    {
        byte[] original = File.ReadAllBytes(image);
        Steps.Sample(
            steps =>
            {
                byte[] model = File.ReadAllBytes(image);
                using (Disk disk = snapshot ? new SnapshotDisk(RawDisk.Open(image, readOnly: true)) : RawDisk.Open(image, readOnly: false))
                {
                    foreach ((int kind, int offset, int wanted, byte value) in steps)
                    {
                        int length = Math.Min(wanted, Size - offset);
                        byte[] bytes = new byte[length];
                        if (kind == 0)
                        {
                            disk.Read(offset, bytes);
                            Assert.Equal(model[offset..(offset + length)], bytes);
                        }
                        else if (kind == 1)
                        {
                            Array.Fill(bytes, value);
                            disk.Write(offset, bytes);
                            bytes.CopyTo(model, offset);
                        }
                        else if (length > 0)
                        {
                            disk.WriteZeroes(offset, length, mayUnmap: kind == 3);
                            model.AsSpan(offset, length).Clear();
                        }
                    }
                    disk.Flush();
                    byte[] all = new byte[Size];
                    disk.Read(0, all);
                    Assert.Equal(model, all);
                }
                Assert.Equal(snapshot ? original : model, File.ReadAllBytes(image));
            },
            iter: 200,
            threads: 1);
    }

    [Fact]
    public void Discarding_keeps_the_rest()
    {
        byte[] before = File.ReadAllBytes(image);
        using (Disk disk = RawDisk.Open(image, readOnly: false))
            disk.Discard(4096, 4096);
        byte[] after = File.ReadAllBytes(image);
        Assert.Equal(Size, after.Length);
        Assert.Equal(before[..4096], after[..4096]);
        Assert.Equal(before[8192..], after[8192..]);
    }

    [Fact]
    public void One_writer_or_many_readers()
    {
        using (RawDisk.Open(image, readOnly: false))
        {
            Assert.Contains("is in use by another machine", Refusal(false, false), StringComparison.Ordinal);
            Assert.Contains("is in use by another machine", Refusal(true, false), StringComparison.Ordinal);
        }
        using (RawDisk.Open(image, readOnly: true))
        {
            RawDisk.Open(image, readOnly: true).Dispose();
            VirtioBlock.Open(image, readOnly: false, snapshot: true).Dispose();
            Assert.Contains("is in use by another machine", Refusal(false, false), StringComparison.Ordinal);
        }
        VirtioBlock.Open(image, readOnly: false, snapshot: false).Dispose();
    }

    // As the child of a fork has it until it executes something else.
    [Fact]
    public void A_copy_of_the_descriptor_elsewhere_does_not_keep_the_image_in_use()
    {
        RawDisk disk = RawDisk.Open(image, readOnly: false);
        string link = Directory.GetFiles("/proc/self/fd").First(link => new FileInfo(link).LinkTarget == image);
        int descriptor = int.Parse(Path.GetFileName(link), CultureInfo.InvariantCulture);
        using var copy = new SafeFileHandle(Duplicate(descriptor), ownsHandle: true);
        Assert.False(copy.IsInvalid);
        disk.Dispose();
        RawDisk.Open(image, readOnly: false).Dispose();
    }

    [Fact]
    public void QEMU_and_we_keep_off_each_other_s_images()
    {
        string[] machine = ["-S", "-display", "none", "-nodefaults", "-qmp", "stdio", "-drive", $"file={image},format=raw,if=virtio"];
        using (RawDisk.Open(image, readOnly: true))
        {
            Command.Result refused = Command.Run("qemu-system-i386", machine);
            Assert.Equal(1, refused.Status);
            Assert.Contains("Failed to get \"write\" lock", refused.Error, StringComparison.Ordinal);
        }
        using Process qemu = Process.Start(new ProcessStartInfo("qemu-system-i386", machine)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true
        })!;
        try
        {
            qemu.StandardInput.WriteLine("{\"execute\": \"qmp_capabilities\"}");
            while (qemu.StandardOutput.ReadLine() is { } line && !line.Contains("return", StringComparison.Ordinal))
            {
                // The greeting comes before it has its drive, answers come behind.
            }
            Assert.Contains("is in use by another machine", Refusal(true, false), StringComparison.Ordinal);
            Assert.Contains("is in use by another machine", Refusal(false, false), StringComparison.Ordinal);
        }
        finally
        {
            qemu.Kill();
            qemu.WaitForExit();
        }
        RawDisk.Open(image, readOnly: false).Dispose();
    }

    [Fact]
    public void What_is_no_image_is_refused()
    {
        File.WriteAllBytes(image, new byte[513]);
        Assert.Contains("has 513 bytes, which is not a whole number of 512-byte sectors", Refusal(true, false), StringComparison.Ordinal);
        File.WriteAllBytes(image, []);
        Assert.Equal($"The disk image {image} has 0 bytes: give it a size with truncate -s.", Refusal(true, false));
        File.Delete(image);
        Assert.Equal($"Cannot open the disk image {image}: there is no such file.", Refusal(false, true));
        Directory.CreateDirectory(image);
        Assert.Equal($"Cannot open the disk image {image}: it is a directory.", Refusal(false, false));
    }

    [Fact]
    public void Nothing_of_a_snapshot_stays_in_the_folder_for_temporary_files()
    {
        using var disk = new SnapshotDisk(RawDisk.Open(image, readOnly: true));
        disk.Write(0, [1, 2, 3]);
        // Made without a name, or with one that was removed.
        string pattern = $"^{Regex.Escape(Path.GetTempPath())}(#[0-9]+|lilyvm-snapshot-.*) \\(deleted\\)$";
        Assert.Contains(Directory.GetFiles("/proc/self/fd"), f => new FileInfo(f).LinkTarget is { } target
            && Regex.IsMatch(target, pattern));
    }

    [Fact]
    public void A_shortened_image_reads_zeroes_behind_its_end()
    {
        using RawDisk disk = RawDisk.Open(image, readOnly: true);
        using (var file = new FileStream(image, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(1024);
        byte[] bytes = new byte[1024];
        Array.Fill(bytes, (byte)9);
        disk.Read(512, bytes);
        Assert.False(bytes.AsSpan(512).ContainsAnyExcept((byte)0));
        Assert.True(bytes.AsSpan(0, 512).ContainsAnyExcept((byte)0));
    }

    private string Refusal(bool readOnly, bool snapshot) =>
        Assert.Throws<LilyVMException>(() => VirtioBlock.Open(image, readOnly, snapshot).Dispose()).Message;

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);
}
