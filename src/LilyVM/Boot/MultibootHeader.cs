using System.Buffers.Binary;

namespace LilyVM.Boot;

/// <summary>
/// The header by which a kernel asks for the multiboot protocol, version 0.6.96, section 3.1. What it asks for and cannot have is an error:
/// no boot loader may go on then.
/// </summary>
/// <param name="Offset">Where it lies in the file.</param>
/// <param name="Addresses">Where the kernel wants to be loaded, if it says so itself (flag 16); else its ELF headers say it.</param>
internal sealed record MultibootHeader(int Offset, MultibootAddresses? Addresses)
{
    private const uint Magic = 0x1BAD_B002;
    private const int SearchedBytes = 8192, ShortSize = 12, WithAddresses = 32;

    // Modules always start at pages, and memory sizes are always told; so two of the three flags that a loader must understand cost
    // nothing.
    private const uint PageAligned = 1, MemoryInformation = 2, VideoMode = 4, MustUnderstand = 0xFFFF, HasAddresses = 1 << 16;

    /// <summary>The header of a kernel; null if it has none.</summary>
    /// <exception cref="LilyVMException">It makes no sense, or asks for what a guest cannot have.</exception>
    internal static MultibootHeader? Find(Elf kernel)
    {
        ReadOnlySpan<byte> searched = kernel.Image.Span[..Math.Min(kernel.Image.Length, SearchedBytes)];
        int? wrong = null;
        for (int at = 0; at + ShortSize <= searched.Length; at += 4)
        {
            if (Word(searched, at) != Magic)
                continue;
            if (Magic + Word(searched, at + 4) + Word(searched, at + 8) == 0)
                return Read(kernel.FileName, searched[at..], at);
            wrong ??= at;
        }
        return wrong is { } place
            ? throw new LilyVMException(
                $"{kernel.FileName} has a multiboot header at 0x{place:x} of the file whose checksum is wrong; its three words must " +
                "add up to 0.")
            : null;
    }

    private static MultibootHeader Read(string name, ReadOnlySpan<byte> header, int offset)
    {
        uint flags = Word(header, 4);
        if ((flags & VideoMode) != 0)
            throw new LilyVMException(
                $"{name} asks for a video mode in its multiboot header, but a guest has no screen; clear bit 2 of the header's flags.");
        uint unknown = flags & MustUnderstand & ~(PageAligned | MemoryInformation);
        if (unknown != 0)
            throw new LilyVMException(
                $"{name} asks in its multiboot header for what no boot loader knows (flags 0x{unknown:x}); clear them.");
        if ((flags & HasAddresses) == 0)
            return new MultibootHeader(offset, null);
        return header.Length >= WithAddresses
            ? new MultibootHeader(offset, new MultibootAddresses(Word(header, 12), Word(header, 16), Word(header, 20), Word(header, 24),
                Word(header, 28)))
            : throw new LilyVMException(
                $"{name} has a multiboot header that ends behind the first {SearchedBytes} bytes of the file; link it in front.");
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}

/// <summary>
/// The address fields of a multiboot header (section 3.1.3), which stand in for the headers of the file's format. Physical addresses.
/// </summary>
/// <param name="Header">Where the header goes.</param>
/// <param name="Load">Where the first byte goes; it is as far before the header in the file as in memory.</param>
/// <param name="LoadEnd">End of what comes from the file; 0 for all of it.</param>
/// <param name="BssEnd">End of what is zeroed behind that; 0 for nothing.</param>
/// <param name="Entry">The first instruction.</param>
internal sealed record MultibootAddresses(uint Header, uint Load, uint LoadEnd, uint BssEnd, uint Entry)
{
    /// <summary>What they load of a file with so many bytes whose header is at <paramref name="headerOffset"/>.</summary>
    /// <exception cref="LilyVMException">They make no sense.</exception>
    internal KernelPart Part(string name, int headerOffset, int fileBytes)
    {
        long before = (long)Header - Load, offset = headerOffset - before;
        if (before < 0 || offset < 0)
            throw Wrong(name, $"it loads from 0x{Load:x} on, which does not fit its header at 0x{Header:x}");
        long size = LoadEnd == 0 ? fileBytes - offset : (long)LoadEnd - Load;
        if (size <= 0 || offset + size > fileBytes)
            throw Wrong(name, $"it loads up to 0x{LoadEnd:x}, which is not in the file");
        long memory = BssEnd == 0 ? size : (long)BssEnd - Load;
        if (memory < size || Load + memory > uint.MaxValue)
            throw Wrong(name, $"its memory ends at 0x{BssEnd:x}, before what it loads");
        if (Entry < Load || Entry - Load >= memory)
            throw Wrong(name, $"it starts at 0x{Entry:x}, where it loads nothing");
        return new KernelPart(Load, (int)offset, (int)size, (ulong)memory);
    }

    private static LilyVMException Wrong(string name, string how) =>
        new($"The addresses in the multiboot header of {name} make no sense: {how}; link it again.");
}
