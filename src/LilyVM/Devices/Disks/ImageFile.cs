using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace LilyVM.Devices.Disks;

/// <summary>What a path names, told without opening it: opening a FIFO waits, and opening a device may do something.</summary>
internal static partial class ImageFile
{
    // statx(2): AT_FDCWD, STATX_TYPE, STATX_INO and STATX_SIZE, and where things are in struct statx, which is the same on every processor.
    private const int CurrentFolder = -100, NoFlags = 0;
    private const uint TypeNumberAndSize = 0x301;
    private const int SectorSize = 512, StructSize = 256, ModeAt = 28, NumberAt = 32, SizeAt = 40, NodeAt = 128, DeviceAt = 136;

    // inode(7): S_IFMT and the types.
    private const int TypeMask = 0xF000, Regular = 0x8000, BlockDevice = 0x6000, Folder = 0x4000;

    /// <summary>Refuses what cannot hold a disk. What does not exist or cannot be looked at is left to the one who opens it.</summary>
    /// <exception cref="LilyVMException">
    /// The path is empty, or names no file or block device, or a file of a size that no disk has.
    /// </exception>
    internal static void Check(string path)
    {
        if (path.Length == 0)
            throw new LilyVMException("A drive was given without a path; name its disk image.");
        if (Look(path) is not { } found || found.Type == BlockDevice)
            return;
        if (found.Type == Regular)
            RequireSectors(path, found.Size);
        else if (found.Type == Folder)
            throw new LilyVMException($"Cannot open the disk image {path}: it is a directory.");
        else
            throw new LilyVMException($"Cannot open the disk image {path}: it is neither a file nor a block device.");
    }

    /// <summary>Refuses a size that no disk has.</summary>
    internal static void RequireSectors(string path, long size)
    {
        if (size <= 0)
            throw new LilyVMException($"The disk image {path} has 0 bytes: give it a size with truncate -s.");
        if (size % SectorSize != 0)
            throw new LilyVMException(
                $"The disk image {path} has {size} bytes, which is not a whole number of 512-byte sectors: pad it with truncate -s.");
    }

    /// <summary>Whether two paths name the same existing file or block device, by links or otherwise.</summary>
    internal static bool AreSame(string one, string other) =>
        Look(one) is { } found && Look(other) is { } another && found.Identity == another.Identity;

    /// <summary>Whether a path names a block device.</summary>
    internal static bool IsBlockDevice(string path) => Look(path)?.Type == BlockDevice;

    private static Found? Look(string path)
    {
        byte[] found = new byte[StructSize];
        if (Stat(CurrentFolder, path, NoFlags, TypeNumberAndSize, found) != 0)
            return null;
        int type = BinaryPrimitives.ReadUInt16LittleEndian(found.AsSpan(ModeAt)) & TypeMask;
        return new Found(type, type == BlockDevice ? (Number(NodeAt), 0) : (Number(DeviceAt), Number(NumberAt)), Number(SizeAt));
        long Number(int at) => BinaryPrimitives.ReadInt64LittleEndian(found.AsSpan(at));
    }

    // A file is known by its file system and number, a block device by the numbers of its node.
    private readonly record struct Found(int Type, (long, long) Identity, long Size);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(int folder, string path, int flags, uint mask, [Out] byte[] result);
}
