using System.Buffers.Binary;
using System.Text;

namespace LilyVM.Boot;

/// <summary>A module in guest physical memory.</summary>
/// <param name="Start">First address, of a page.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Text">What its kernel is told of it: the file's name and arguments.</param>
internal readonly record struct PlacedModule(uint Start, uint Bytes, string Text);

/// <summary>
/// What EBX points to at the start of a multiboot kernel (multiboot 0.6.96, section 3.3): memory sizes and map, command line, modules and
/// the boot loader's name, all in one block with the strings behind the tables.
/// </summary>
internal sealed class MultibootInfo
{
    /// <summary>EAX at the start of the guest.</summary>
    internal const uint LoaderMagic = 0x2BAD_B002;

    private const uint HasMemory = 1, HasCommandLine = 1 << 2, HasModules = 1 << 3, HasMemoryMap = 1 << 6, HasLoaderName = 1 << 9;
    private const int Flags = 0, LowerMemory = 4, UpperMemory = 8, CommandLinePointer = 16, ModuleCount = 20, ModuleTable = 24,
        MapLength = 44, MapTable = 48,
        LoaderName = 64, Size = 120;

    private const int ModuleSize = 16, MapEntrySize = 24;
    private const uint MapEntryRest = MapEntrySize - sizeof(uint); // its first word does not count itself

    /// <summary>The memory map, ascending.</summary>
    internal required IReadOnlyList<E820Entry> Memory { get; init; }

    /// <summary>The kernel's command line; its first word is the kernel's file.</summary>
    internal required string CommandLine { get; init; }

    /// <summary>The modules.</summary>
    internal required IReadOnlyList<PlacedModule> Modules { get; init; }

    /// <summary>The bytes of the block at a guest physical address.</summary>
    /// <exception cref="LilyVMException">Names and arguments are longer than <paramref name="room"/> bytes allow.</exception>
    internal byte[] Encode(uint address, uint room)
    {
        int map = Size, modules = map + Memory.Count * MapEntrySize, strings = modules + Modules.Count * ModuleSize;
        using var block = new MemoryStream();
        block.Write(new byte[strings]);
        uint Text(string text)
        {
            uint at = address + (uint)block.Length;
            block.Write(Encoding.UTF8.GetBytes(text + '\0'));
            return at;
        }

        uint commandLine = Text(CommandLine), loaderName = Text("LilyVM");
        uint[] texts = [.. Modules.Select(m => Text(m.Text))];
        byte[] bytes = block.ToArray();
        if (bytes.Length > room)
            throw new LilyVMException(
                $"The command line and the modules' names and arguments have {bytes.Length} bytes; {room} fit, so shorten them.");

        Put(bytes, Flags, HasMemory | HasCommandLine | HasModules | HasMemoryMap | HasLoaderName);
        Put(bytes, LowerMemory, (uint)(Memory[0].Size >> 10));
        Put(bytes, UpperMemory, (uint)(Memory.Single(e => e.Start == GuestLayout.HighStart).Size >> 10));
        Put(bytes, CommandLinePointer, commandLine);
        Put(bytes, ModuleCount, (uint)Modules.Count);
        Put(bytes, ModuleTable, address + (uint)modules);
        Put(bytes, MapLength, (uint)(Memory.Count * MapEntrySize));
        Put(bytes, MapTable, address + (uint)map);
        Put(bytes, LoaderName, loaderName);
        for (int i = 0; i < Memory.Count; i++)
            PutEntry(bytes.AsSpan(map + i * MapEntrySize), Memory[i]);
        for (int i = 0; i < Modules.Count; i++)
            PutModule(bytes.AsSpan(modules + i * ModuleSize), Modules[i], texts[i]);
        return bytes;
    }

    private static void PutEntry(Span<byte> place, E820Entry entry)
    {
        Put(place, 0, MapEntryRest);
        BinaryPrimitives.WriteUInt64LittleEndian(place[4..], entry.Start);
        BinaryPrimitives.WriteUInt64LittleEndian(place[12..], entry.Size);
        Put(place, 20, (uint)entry.Type);
    }

    private static void PutModule(Span<byte> place, PlacedModule module, uint text)
    {
        Put(place, 0, module.Start);
        Put(place, 4, module.Start + module.Bytes);
        Put(place, 8, text);
    }

    private static void Put(Span<byte> bytes, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], value);
}
