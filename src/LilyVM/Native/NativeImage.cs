using System.Runtime.InteropServices;
using LilyVM.Abi;

namespace LilyVM.Native;

/// <summary>The native image of the VM library, which executes the real instructions in ring 0.</summary>
public static class NativeImage
{
    /// <summary>
    /// Room from <see cref="VmArea.UnpagedAlias"/>: what every image has, then the page-table page that only this one needs.
    /// </summary>
    public const uint MaxSize = VmArea.MappedSize + 0x1000;

    private const uint MaxSizeX64 = Abi.X64.VmArea.MappedSize + 0x4000; // and four page tables
    private const string Resource = "vmlib.native.bin", ResourceX64 = "vmlib.native-x64.bin";

    /// <summary>The image for IA-32 guests, built into this assembly or the given file; refused if it does not implement our ABI.</summary>
    public static byte[] Load(string? path = null) => Load(path, Resource, MaxSize, VmArea.AbiVersion);

    /// <summary>The same for x86-64 guests. It belongs at its own address in guest physical memory.</summary>
    public static byte[] LoadX64(string? path = null) => Load(path, ResourceX64, MaxSizeX64, Abi.X64.VmArea.AbiVersion);

    private static byte[] Load(string? path, string resource, uint maxSize, uint version)
    {
        byte[] image = path is null ? LoadBuiltIn(resource) : LoadFile(path);
        string name = path ?? resource;
        if (image.Length < Marshal.SizeOf<LibraryHeader>() || image.Length > maxSize)
            throw new LilyVMException($"{name} is not a VM library image; build native/vmlib again.");
        LibraryHeader header = MemoryMarshal.Read<LibraryHeader>(image);
        if (header.Magic != LibraryHeader.ExpectedMagic || header.Image != LibraryImage.Native)
            throw new LilyVMException($"{name} is not the native image of the VM library; build native/vmlib again.");
        if (header.AbiVersion != version)
            throw new LilyVMException($"{name} implements ABI version {header.AbiVersion}, not {version}; build native/vmlib again.");
        return image;
    }

    private static byte[] LoadBuiltIn(string resource)
    {
        using Stream stream = typeof(NativeImage).Assembly.GetManifestResourceStream(resource)
            ?? throw new LilyVMException("This build of LilyVM lacks the native VM library; build it again with ./lilyvm.");
        byte[] image = new byte[stream.Length];
        stream.ReadExactly(image);
        return image;
    }

    private static byte[] LoadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LilyVMException($"Cannot read the VM library image {path}; give an existing file.", e);
        }
    }
}
