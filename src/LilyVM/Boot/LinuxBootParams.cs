using System.Buffers.Binary;
using System.Text;

namespace LilyVM.Boot;

/// <summary>What an E820 entry says about its range (Linux: arch/x86/include/asm/e820/types.h).</summary>
public enum E820Type : uint
{
    /// <summary>RAM that the kernel may use.</summary>
    Usable = 1,

    /// <summary>Anything that the kernel must leave alone.</summary>
    Reserved = 2,
}

/// <summary>One entry of the memory map handed to the kernel.</summary>
/// <param name="Start">First guest physical address.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Type">Use.</param>
public readonly record struct E820Entry(ulong Start, ulong Size, E820Type Type);

/// <summary>
/// The zero page (struct boot_params) of Linux's 32-bit boot protocol: Documentation/x86/boot.rst ("32-bit boot protocol") and
/// Documentation/x86/zero-page.rst; offsets from arch/x86/include/uapi/asm/bootparam.h. The kernel starts with ESI = its address, paging
/// off, interrupts off and flat segments. Video fields stay zero: there is no screen.
/// </summary>
public sealed class LinuxBootParams
{
    /// <summary>Size of the zero page.</summary>
    public const int Size = 0x1000;

    /// <summary>Longest command line that Linux on x86 takes, without the terminating zero (COMMAND_LINE_SIZE).</summary>
    public const int MaxCommandLine = 2047;

    private const int E820Count = 0x1E8, BootFlag = 0x1FE, HeaderMagic = 0x202, Version = 0x206, TypeOfLoader = 0x210, LoadFlags = 0x211,
        RamdiskImage = 0x218, RamdiskSize = 0x21C, CommandLinePointer = 0x228, E820Table = 0x2D0, E820EntrySize = 20, MaxE820Entries = 128;

    private const byte UndefinedLoader = 0xFF, LoadedHigh = 1;
    private const ushort ProtocolVersion = 0x20F; // 2.15, Linux 5.5 and later

    /// <summary>The memory map, ascending.</summary>
    public required IReadOnlyList<E820Entry> Memory { get; init; }

    /// <summary>Guest physical address of the command line's bytes (see <see cref="EncodeCommandLine"/>).</summary>
    public required uint CommandLineAddress { get; init; }

    /// <summary>Guest physical address of the initial RAM disk, 0 without one.</summary>
    public uint RamdiskAddress { get; init; }

    /// <summary>Its size in bytes, 0 without one.</summary>
    public uint RamdiskBytes { get; init; }

    /// <summary>The command line as the kernel reads it: ASCII, ended by a zero.</summary>
    public static byte[] EncodeCommandLine(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxCommandLine)
            throw new LilyVMException($"The kernel command line has {text.Length} characters; Linux takes {MaxCommandLine} at most.");
        if (text.Any(c => c is < ' ' or > '~'))
            throw new LilyVMException("The kernel command line may only hold printable ASCII characters.");
        return Encoding.ASCII.GetBytes(text + '\0');
    }

    /// <summary>The zero page.</summary>
    public byte[] Encode()
    {
        if (Memory.Count > MaxE820Entries)
            throw new LilyVMException(
                $"The memory map has {Memory.Count} entries; the Linux boot protocol takes {MaxE820Entries} at most.");
        byte[] page = new byte[Size];
        page[E820Count] = (byte)Memory.Count;
        U16(page, BootFlag, 0xAA55);
        "HdrS"u8.CopyTo(page.AsSpan(HeaderMagic));
        U16(page, Version, ProtocolVersion);
        page[TypeOfLoader] = UndefinedLoader;
        page[LoadFlags] = LoadedHigh;
        U32(page, RamdiskImage, RamdiskAddress);
        U32(page, RamdiskSize, RamdiskBytes);
        U32(page, CommandLinePointer, CommandLineAddress);
        int at = E820Table;
        foreach (E820Entry entry in Memory)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(at), entry.Start);
            BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(at + 8), entry.Size);
            U32(page, at + 16, (uint)entry.Type);
            at += E820EntrySize;
        }
        return page;
    }

    private static void U16(byte[] page, int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(offset), value);

    private static void U32(byte[] page, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(offset), value);
}
