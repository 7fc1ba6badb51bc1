namespace LilyVM.Boot;

/// <summary>A stretch of a kernel in guest physical memory.</summary>
/// <param name="Address">Guest physical address.</param>
/// <param name="FileOffset">Where its bytes are in the file.</param>
/// <param name="FileSize">How many come from the file.</param>
/// <param name="MemorySize">Bytes in memory; what the file does not give is zero.</param>
internal readonly record struct KernelPart(ulong Address, int FileOffset, int FileSize, ulong MemorySize);

/// <summary>What of a kernel's file goes where in guest physical memory, by which protocol it starts, and where.</summary>
internal sealed class KernelImage
{
    private readonly MultibootHeader? multiboot;

    /// <summary>Reads it.</summary>
    /// <exception cref="LilyVMException">Its notes or its multiboot header make no sense, or ask for what a guest cannot have.</exception>
    internal KernelImage(Elf file)
    {
        File = file;
        Architecture = ConversionNotes.Read(file).Architecture;
        multiboot = MultibootHeader.Find(file);
        Parts = multiboot is { Addresses: { } addresses }
            ? [addresses.Part(file.FileName, multiboot.Offset, file.Image.Length)]
            : [.. file.LoadSegments.Select(s => new KernelPart(s.PhysicalAddress, (int)s.Offset, (int)s.FileSize, s.MemorySize))];
        End = Parts.Select(p => p.Address + p.MemorySize).DefaultIfEmpty().Max();
    }

    /// <summary>The file.</summary>
    internal Elf File { get; }

    /// <summary>Name for error messages.</summary>
    internal string Name => File.FileName;

    /// <summary>The architecture that it is for.</summary>
    internal GuestArchitecture Architecture { get; }

    /// <summary>What is loaded; empty for a file that is no executable.</summary>
    internal IReadOnlyList<KernelPart> Parts { get; }

    /// <summary>End of what it takes in physical memory, zeroed memory included.</summary>
    internal ulong End { get; }

    /// <summary>Whether it starts by multiboot, and not by Linux's 32-bit or 64-bit boot protocol.</summary>
    internal bool IsMultiboot => multiboot is not null;

    /// <summary>Whether its multiboot header, and not the file's format, says what is loaded.</summary>
    internal bool HasOwnAddresses => multiboot is { Addresses: not null };

    /// <summary>The bytes of a part that come from the file.</summary>
    internal ReadOnlyMemory<byte> Bytes(KernelPart part) => File.Image.Slice(part.FileOffset, part.FileSize);

    /// <summary>
    /// Guest physical address of the first instruction. Linux's entry point is one; other kernels are entered where their virtual one is
    /// loaded.
    /// </summary>
    internal ulong PhysicalEntry()
    {
        if (multiboot is { Addresses: { } addresses })
            return addresses.Entry;
        foreach (ElfSegment segment in File.LoadSegments)
        {
            if (File.Entry - segment.PhysicalAddress < segment.MemorySize)
                return File.Entry;
        }
        foreach (ElfSegment segment in File.LoadSegments)
        {
            if (File.Entry - segment.VirtualAddress < segment.MemorySize)
                return File.Entry - segment.VirtualAddress + segment.PhysicalAddress;
        }
        throw new LilyVMException($"{Name} starts at 0x{File.Entry:x}, where it loads nothing; link it again.");
    }
}
