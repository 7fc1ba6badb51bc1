using System.Buffers.Binary;

namespace LilyVM.Boot;

/// <summary>
/// The multiboot protocol, version 0.6.96 (sections 3.1 to 3.3), as far as small guests use it: a header without flags, memory sizes and the command line.
/// </summary>
internal static class MultibootInfo
{
    /// <summary>EAX at the start of the guest.</summary>
    internal const uint LoaderMagic = 0x2BAD_B002;

    private const uint HeaderMagic = 0x1BAD_B002, HasMemory = 1, HasCommandLine = 4;
    private const int SearchedBytes = 8192, Size = 120;

    /// <summary>Whether the file has a multiboot header.</summary>
    internal static bool IsMultiboot(Elf32 kernel)
    {
        ReadOnlySpan<byte> bytes = kernel.Image.Span[..Math.Min(kernel.Image.Length, SearchedBytes)];
        for (; bytes.Length >= 12; bytes = bytes[4..])
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) == HeaderMagic && HeaderMagic + U32(bytes, 4) + U32(bytes, 8) == 0)
                return true;
        }
        return false;
    }

    /// <summary>The structure that EBX points to.</summary>
    internal static byte[] Encode(uint ramBytes, uint commandLine)
    {
        byte[] info = new byte[Size];
        uint[] words = [HasMemory | HasCommandLine, GuestLayout.LowEnd >> 10, (ramBytes - GuestLayout.HighStart) >> 10, 0, commandLine];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(info.AsSpan(i * 4), words[i]);
        return info;
    }

    private static uint U32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);
}
