using System.Runtime.InteropServices;
using LilyVM.Abi;
using LilyVM.Native;

namespace LilyVM.Tests.Native;

public class NativeImageTests
{
    private static readonly LibraryHeader Good =
        new() { Magic = LibraryHeader.ExpectedMagic, AbiVersion = VmArea.AbiVersion, Image = LibraryImage.Native };

    [Fact]
    public void Only_a_native_image_of_our_ABI_is_taken()
    {
        Assert.Equal(4096, Load(Good, 4096).Length);
        Assert.Contains("is not the native image", Refusal(Good with { Image = LibraryImage.User }, 4096), StringComparison.Ordinal);
        Assert.Contains("is not the native image", Refusal(Good with { Magic = 1 }, 4096), StringComparison.Ordinal);
        Assert.Contains("implements ABI version 9, not 1", Refusal(Good with { AbiVersion = 9 }, 4096), StringComparison.Ordinal);
        Assert.Contains("is not a VM library image", Refusal(Good, (int)NativeImage.MaxSize + 1), StringComparison.Ordinal);
        Assert.Contains("is not a VM library image", Refusal(Good, 8), StringComparison.Ordinal);
    }

    private static string Refusal(LibraryHeader header, int size) => Assert.Throws<LilyVMException>(() => Load(header, size)).Message;

    private static byte[] Load(LibraryHeader header, int size)
    {
        string path = Path.GetTempFileName();
        try
        {
            byte[] image = new byte[Math.Max(size, Marshal.SizeOf<LibraryHeader>())];
            MemoryMarshal.Write(image, header);
            File.WriteAllBytes(path, image[..size]);
            return NativeImage.Load(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
